// A server whose replies wait for a durability provider that the tests can pause: the SecondFile sample.

using System.Globalization;
using Valkey.IntegrationTests.Modules;

namespace Valkey.IntegrationTests.Durability;

/// <summary>A server with the SecondFile module. Each test begins with an empty dataset and a provider that confirms.</summary>
public class HeldServerFixture : ValkeyServerFixture
{
    private const int SilenceMs = 60;

    /// <inheritdoc/>
    protected override ServerOptions Options =>
        BuiltModules.With("SecondFileModule", "enable-debug-command yes", $"loadmodule {BuiltModules.Sample("KeyAuditModule")}");

    /// <summary>Name of the provider that the tests pause.</summary>
    public virtual string Provider => "secondfile";

    /// <summary>A connection for the test's levers, with everything in its first state.</summary>
    public async Task<RespClient> ConnectControlAsync()
    {
        RespClient control = await ConnectAsync();
        await ResumeAsync(control);
        await EnableAsync(control);
        await control.CallAsync("DEBUG", "CLIENT-ENFORCE-REPLY-LIST", 0);
        await control.CallAsync("CONFIG", "SET", "reply-blocking-client-limit", "16mb", "reply-blocking-total-limit", "256mb");
        await control.CallAsync("CONFIG", "SET", "client-output-buffer-limit", "normal 0 0 0", "maxmemory-clients", "0");
        await control.CallAsync("FLUSHALL");
        return control;
    }

    /// <summary>From now on nothing becomes durable. What was written before is.</summary>
    public async Task PauseAsync(RespClient control)
    {
        await WaitFor.ConditionAsync(
            async () => await FieldAsync(control, "previous_acked_offset") == await FieldAsync(control, "primary_repl_offset"),
            "everything is durable");
        Assert.Equal("+OK\r\n", await control.RawAsync("DEBUG", "REPLY-BLOCKING-PAUSE", Provider));
    }

    /// <summary>Everything becomes durable.</summary>
    public async Task ResumeAsync(RespClient control) =>
        Assert.Equal("+OK\r\n", await control.RawAsync("DEBUG", "REPLY-BLOCKING-RESUME", Provider));

    /// <summary>A number of INFO reply_blocking, without the prefix of its name.</summary>
    public static async Task<long> FieldAsync(RespClient control, string name)
    {
        string info = (await control.CallAsync("INFO", "reply_blocking")).Text;
        string line = info.Split("\r\n").Single(line => line.StartsWith($"reply_blocking_{name}:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(line.IndexOf(':') + 1), CultureInfo.InvariantCulture);
    }

    /// <summary>Sends a command and waits until so many replies are held in all: then nothing of this one has come.</summary>
    public static async Task SendHeldAsync(RespClient control, RespClient client, params object[] arguments)
    {
        long before = await HeldCountAsync(control);
        await client.SendAsync(arguments);
        await WaitFor.ConditionAsync(async () => await HeldCountAsync(control) > before, $"the reply of {arguments[0]} is held");
        Assert.True(await client.IsSilentForAsync(TimeSpan.FromMilliseconds(SilenceMs)), $"{arguments[0]} was answered");
    }

    /// <summary>
    /// Waits until the server has executed all that a client has sent, reads the one reply that does not wait, and checks that
    /// the others do.
    /// </summary>
    public static async Task ExpectFirstOnlyAsync(RespClient control, RespClient client, string first, long heldCount)
    {
        Assert.Equal(first, (await client.ReadAsync()).Raw);
        await WaitFor.ConditionAsync(async () => await HeldCountAsync(control) >= heldCount, "the replies are held");
        Assert.True(await client.IsSilentForAsync(TimeSpan.FromMilliseconds(SilenceMs)));
    }

    /// <summary>Switches the provider on.</summary>
    protected virtual async Task EnableAsync(RespClient control) => await control.CallAsync("CONFIG", "SET", "secondfile.enabled", "yes");

    /// <summary>Replies that were held since the start.</summary>
    public static async Task<long> HeldCountAsync(RespClient control) =>
        await FieldAsync(control, "read_blocked_count") + await FieldAsync(control, "write_blocked_count");
}

/// <summary>A server whose replies wait for its append-only file.</summary>
public sealed class AofHeldServerFixture : HeldServerFixture
{
    /// <inheritdoc/>
    public override string Provider => "aof";

    /// <inheritdoc/>
    protected override ServerOptions Options => new()
    {
        Config = ["enable-debug-command yes", "appendonly yes", "appendfsync always", "bio-aof-offload-enabled yes"],
    };

    /// <inheritdoc/>
    protected override Task EnableAsync(RespClient control) => Task.CompletedTask;
}
