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

    /// <summary>A connection for the test's levers, with everything in its first state.</summary>
    public async Task<RespClient> ConnectControlAsync()
    {
        RespClient control = await ConnectAsync();
        await ResumeAsync(control);
        await control.CallAsync("CONFIG", "SET", "secondfile.enabled", "yes");
        await control.CallAsync("DEBUG", "CLIENT-ENFORCE-REPLY-LIST", 0);
        await control.CallAsync("FLUSHALL");
        return control;
    }

    /// <summary>From now on nothing becomes durable. What was written before is.</summary>
    public static async Task PauseAsync(RespClient control)
    {
        await WaitFor.ConditionAsync(
            async () => await FieldAsync(control, "previous_acked_offset") == await FieldAsync(control, "primary_repl_offset"),
            "everything is durable");
        Assert.Equal("+OK\r\n", await control.RawAsync("DEBUG", "REPLY-BLOCKING-PAUSE", "secondfile"));
    }

    /// <summary>Everything becomes durable.</summary>
    public static async Task ResumeAsync(RespClient control) =>
        Assert.Equal("+OK\r\n", await control.RawAsync("DEBUG", "REPLY-BLOCKING-RESUME", "secondfile"));

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

    /// <summary>Replies that were held since the start.</summary>
    public static async Task<long> HeldCountAsync(RespClient control) =>
        await FieldAsync(control, "read_blocked_count") + await FieldAsync(control, "write_blocked_count");
}
