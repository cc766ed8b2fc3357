// Peers that ask for more than is good for others: memory that nobody reads, work that never ends, descriptors that run out.

using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Valkey.IntegrationTests.Protocol;

public sealed class GreedyPeerTests
{
    private const long Megabyte = 1L << 20;

    [SkippableFact]
    public async Task Replies_that_nobody_wants_take_no_memory()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "big", new string('x', 100_000));
        long usedBefore = await UsedMemoryAsync(client);

        await client.SendAsync("CLIENT", "REPLY", "OFF");
        for (int i = 0; i < 1000; i++) await client.SendAsync("GET", "big");
        Assert.Equal("OK", await client.TextAsync("CLIENT", "REPLY", "ON"));

        Assert.InRange(await UsedMemoryAsync(client) - usedBefore, long.MinValue, 10 * Megabyte);
    }

    [SkippableFact]
    public async Task Watching_very_many_keys_holds_nobody_up()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();
        object[] command = new object[100_001];
        command[0] = "WATCH";
        for (int i = 1; i < command.Length; i++) command[i] = "key:" + i.ToString(CultureInfo.InvariantCulture);

        client.Timeout = TimeSpan.FromSeconds(10); // comparing each with each takes minutes
        Assert.Equal("OK", await client.TextAsync(command));
        Assert.Equal("OK", await client.TextAsync("WATCH", "key:1", "key:1"));
        Assert.Contains(" watch=100000 ", (await client.CallAsync("CLIENT", "INFO")).Text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_monitor_sees_a_large_argument_whole_and_the_server_stays_small()
    {
        const int ArgumentBytes = 32 * 1024 * 1024;
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient monitor = await server.ConnectAsync();
        await using RespClient client = await server.ConnectAsync();
        await monitor.CallAsync("MONITOR");
        byte[] value = new byte[ArgumentBytes];
        value.AsSpan().Fill(0x80);
        long before = server.ResidentBytes();

        client.Timeout = monitor.Timeout = TimeSpan.FromSeconds(60);
        Assert.Equal("OK", await client.TextAsync("SET", "k", value));

        // The value, the request and the line in the monitor's buffer: six times the argument, and some room.
        Assert.InRange(server.ResidentBytes() - before, 0, 9L * ArgumentBytes);
        string line = (await monitor.ReadAsync()).Text;
        int start = line.IndexOf("\"SET\" \"k\" \"", StringComparison.Ordinal) + "\"SET\" \"k\" \"".Length;
        Assert.Equal(start + (4L * ArgumentBytes) + 1, line.Length);
        for (int i = start; i < line.Length - 1; i += 4)
        {
            if (string.CompareOrdinal(line, i, "\\x80", 0, 4) != 0) Assert.Fail($"Wrong at {i}.");
        }
    }

    [SkippableFact]
    public async Task A_promise_of_many_bytes_takes_no_memory_before_they_come()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();
        await using RespClient promising = await server.ConnectAsync();

        long id = (await promising.CallAsync("CLIENT", "ID")).Integer;
        long receivedBytes = await ReceivedBytesAsync(client, id);

        await SendAndWaitAsync("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$500000000\r\nab");
        for (int i = 0; i < 5; i++) await SendAndWaitAsync("c");

        Assert.InRange(await UsedMemoryAsync(client), 0, 100 * Megabyte);

        async Task SendAndWaitAsync(string text)
        {
            await promising.SendRawAsync(text);
            receivedBytes += text.Length;
            await WaitFor.ConditionAsync(
                async () => await ReceivedBytesAsync(client, id) == receivedBytes, "the server has read what was sent");
        }
    }

    [SkippableFact]
    public async Task A_huge_request_leaves_no_memory_behind()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();
        object[] command = new object[1_000_001];
        command[0] = "MSET";
        for (int i = 1; i < command.Length; i++) command[i] = "k" + ((i - 1) / 2).ToString(CultureInfo.InvariantCulture);
        long usedBefore = await UsedMemoryAsync(client);

        client.Timeout = TimeSpan.FromSeconds(60);
        Assert.Equal("OK", await client.TextAsync(command));
        await client.CallAsync("FLUSHALL", "SYNC");

        await WaitFor.ConditionAsync(
            async () => await UsedMemoryAsync(client) - usedBefore < 4 * Megabyte, "the memory is back");
    }

    [SkippableFact]
    public async Task Running_out_of_descriptors_costs_neither_time_nor_log()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RespClient client = await server.ConnectAsync();
        Assert.Equal("PONG", await client.TextAsync("PING")); // accepted, not only connected by the kernel
        LimitDescriptors(server.ProcessId, Directory.GetFileSystemEntries($"/proc/{server.ProcessId}/fd").Length);
        using Socket refused = new(SocketType.Stream, ProtocolType.Tcp);
        await refused.ConnectAsync(server.Host, server.Port); // by the kernel; the server cannot accept it
        await server.WaitForLogAsync("Accepting client connection: ");

        TimeSpan cpuBefore = CpuTime(server);
        long start = Stopwatch.GetTimestamp();
        await client.OutliveCronAsync(20);

        // A loop that tried again and again would take all the time there is.
        Assert.InRange((CpuTime(server) - cpuBefore) / Stopwatch.GetElapsedTime(start), 0, 0.5);
        Assert.InRange(server.Log.Split("Accepting client connection: ").Length - 1, 1, 3);
        Assert.Equal("PONG", await client.TextAsync("PING"));
        LimitDescriptors(server.ProcessId, 1000);
        await using RespClient later = await server.ConnectAsync();
        Assert.Equal("PONG", await later.TextAsync("PING"));
    }

    private static async Task<long> ReceivedBytesAsync(RespClient client, long id)
    {
        const string Field = " tot-net-in=";
        string line = await client.TextAsync("CLIENT", "LIST", "ID", id);
        int start = line.IndexOf(Field, StringComparison.Ordinal) + Field.Length;
        return long.Parse(line.AsSpan(start, line.IndexOf(' ', start) - start), CultureInfo.InvariantCulture);
    }

    private static TimeSpan CpuTime(ServerProcess server)
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.GetProcessById(server.ProcessId);
        return process.TotalProcessorTime;
    }

    private static async Task<long> UsedMemoryAsync(RespClient client)
    {
        RespValue info = await client.CallAsync("INFO", "memory");
        string line = info.Text.Split("\r\n").First(l => l.StartsWith("used_memory:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan("used_memory:".Length), CultureInfo.InvariantCulture);
    }

    private static void LimitDescriptors(int processId, int count)
    {
        const int DescriptorLimit = 7; // RLIMIT_NOFILE
        ResourceLimit limit = new() { Current = (ulong)count, Max = 4096 };
        Assert.Equal(0, SetLimit(processId, DescriptorLimit, ref limit, nint.Zero));
    }

    [DllImport("libc", EntryPoint = "prlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int SetLimit(int processId, int resource, ref ResourceLimit limit, nint previous);

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public ulong Current;
        public ulong Max;
    }
}
