// Random commands of several clients, all pipelining, while the provider is paused and resumed at random. Every value that is
// written during a pause carries that pause's number; until the pause ends, nobody may be shown such a value, and no write of
// it may be answered. In the end every command has got exactly its reply, in order.

using System.Globalization;

namespace Valkey.IntegrationTests.Durability;

/// <summary>The same for every provider.</summary>
[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
[Trait(Tags.Name, Tags.NeedsDebug)]
public abstract class HoldingFuzzTests<TFixture>(TFixture server) : IClassFixture<TFixture>
    where TFixture : HeldServerFixture
{
    private const int ClientCount = 6;
    private const int RoundCount = 12;
    private const int CommandsPerRound = 120;

    private readonly PauseNumber _pause = new();

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Nobody_sees_what_is_not_durable_and_everybody_gets_every_reply_in_order(int enforcesReplyList)
    {
        int seed = Random.Shared.Next();
        try
        {
            await RunAsync(new Random(seed), enforcesReplyList);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Failed with seed {seed}.", exception);
        }
    }

    private async Task RunAsync(Random random, int enforcesReplyList)
    {
        await using RespClient control = await server.ConnectControlAsync();
        await control.CallAsync("DEBUG", "CLIENT-ENFORCE-REPLY-LIST", enforcesReplyList);
        List<FuzzClient> clients = [];
        for (int i = 0; i < ClientCount; i++) clients.Add(new FuzzClient(_pause, await server.ConnectAsync(2 + (i % 2)), i));
        int sentCount = 0;
        for (int round = 1; round <= RoundCount; round++)
        {
            if (random.Next(3) > 0)
            {
                await control.CallAsync("DEBUG", "REPLY-BLOCKING-PAUSE", server.Provider);
                _pause.Value = round;
            }

            long executedBefore = await CommandCountAsync(control);
            long executed = 0;
            for (int i = 0; i < CommandsPerRound; i++)
            {
                executed += await clients[random.Next(ClientCount)].SendAsync(random, _pause.Value > 0 ? $"<{round}>" : "<0>");
                sentCount++;
            }

            await WaitFor.ConditionAsync(
                async () => await CommandCountAsync(control) >= executedBefore + executed, "all commands were executed");
            foreach (FuzzClient client in clients) client.ThrowIfWrong();
            _pause.Value = 0;
            await control.CallAsync("DEBUG", "REPLY-BLOCKING-RESUME", server.Provider);
        }

        foreach (FuzzClient client in clients) await client.FinishAsync();
        Assert.Equal(sentCount, clients.Sum(static client => client.CommandCount));
        await WaitFor.ConditionAsync(async () => await HeldServerFixture.FieldAsync(control, "uncommitted_keys") == 0, "all is durable");
        Assert.Equal(0, await HeldServerFixture.FieldAsync(control, "clients_waiting_ack"));
        Assert.Equal(0, await HeldServerFixture.FieldAsync(control, "held_bytes"));
    }

    private static async Task<long> CommandCountAsync(RespClient control)
    {
        string info = (await control.CallAsync("INFO", "stats")).Text;
        string line = info.Split("\r\n").Single(static line => line.StartsWith("total_commands_processed:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(line.IndexOf(':') + 1), CultureInfo.InvariantCulture);
    }

    /// <summary>The number of the pause that holds now, 0: none.</summary>
    private sealed class PauseNumber
    {
        private volatile int _value;

        public int Value
        {
            get => _value;
            set => _value = value;
        }
    }

    /// <summary>Sends without waiting, and checks replies as they come against what was sent.</summary>
    private sealed class FuzzClient
    {
        private readonly PauseNumber _current;
        private readonly RespClient _connection;
        private readonly int _number;
        private readonly System.Collections.Concurrent.ConcurrentQueue<(string Expected, int Pause, string Command)> _sent = new();
        private readonly Task _reading;
        private volatile string? _wrong;
        private volatile bool _isFinished;
        private int _ownCounter;
        private int _token;

        public FuzzClient(PauseNumber current, RespClient connection, int number)
        {
            _current = current;
            _connection = connection;
            _number = number;
            _reading = Task.Run(ReadAllAsync);
        }

        public int CommandCount { get; private set; }

        /// <summary>One random command, or a transaction of some; how many commands the server counts for it.</summary>
        public async Task<int> SendAsync(Random random, string mark)
        {
            CommandCount++;
            string key = "k" + random.Next(12);
            string list = "l" + random.Next(4);
            string value = mark + new string('v', random.Next(8) == 0 ? 3000 : 3);
            switch (random.Next(16))
            {
                case 0: return await SendAsync("", isWrite: true, "SET", key, value);
                case 1: return await SendAsync("", isWrite: true, "SET", key, value, "PX", random.Next(1, 40));
                case 2: return await SendAsync("", isWrite: false, "GET", key);
                case 3: return await SendAsync("", isWrite: false, "MGET", key, "k1", "k2", "absent");
                case 4: return await SendAsync("", isWrite: true, "RPUSH", list, value);
                case 5: return await SendAsync("", isWrite: false, "LRANGE", list, 0, -1);
                case 6: return await SendAsync("", isWrite: false, "LPOP", list);
                case 7: return await SendAsync("", isWrite: false, "DEL", key);
                case 8: return await SendAsync("", isWrite: false, "KEYS", "*");
                case 9: return await SendAsync($":{++_ownCounter}\r\n", isWrite: true, "INCR", "own" + _number);
                case 10: return await SendAsync("", isWrite: true, "SET", "new" + mark + random.Next(3), "x");
                case 11: return await SendAsync("", isWrite: false, "SCAN", 0, "COUNT", 100);
                case 12: return await SendTransactionAsync(key, list, value);
                case 13: return await SendAsync("", isWrite: false, "RENAME", key, "k" + random.Next(12));
                case 14: return await SendAsync("-ERR syntax error\r\n", isWrite: false, "SET", key, value, "NOSUCH");
                default:
                    string token = $"{_number}-{++_token}";
                    return await SendAsync($"${token.Length}\r\n{token}\r\n", isWrite: false, "ECHO", token);
            }
        }

        public void ThrowIfWrong()
        {
            if (_wrong is not null) throw new InvalidOperationException(_wrong);
        }

        public async Task FinishAsync()
        {
            await SendAsync("$3\r\nend\r\n", isWrite: false, "ECHO", "end");
            _isFinished = true;
            await _reading;
            ThrowIfWrong();
            _connection.Dispose();
        }

        private async Task<int> SendAsync(string expected, bool isWrite, params object[] command)
        {
            _sent.Enqueue((expected, isWrite ? _current.Value : 0, string.Join(' ', command)));
            await _connection.SendAsync(command);
            return 1;
        }

        private async Task<int> SendTransactionAsync(string key, string list, string value)
        {
            await SendAsync("+OK\r\n", isWrite: false, "MULTI");
            await SendAsync("+QUEUED\r\n", isWrite: false, "SET", key, value);
            await SendAsync("+QUEUED\r\n", isWrite: false, "LRANGE", list, 0, -1);
            await SendAsync("+QUEUED\r\n", isWrite: false, "GET", key);
            await SendAsync("", isWrite: true, "EXEC");
            return 5;
        }

        private async Task ReadAllAsync()
        {
            while (true)
            {
                if (!_sent.TryPeek(out (string Expected, int Pause, string Command) sent))
                {
                    if (_isFinished) return;
                    await Task.Yield();
                    continue;
                }

                RespValue reply = await _connection.ReadAsync();
                int pause = _current.Value; // looked at afterwards: when a pause ended meanwhile, this is the milder question
                _sent.TryDequeue(out _);
                if (sent.Expected.Length > 0 && sent.Expected != reply.Raw)
                    _wrong ??= $"'{Short(sent.Command)}' was answered by '{Short(reply.Raw)}' instead of '{sent.Expected}'";
                if (pause == 0) continue;
                if (sent.Pause == pause) _wrong ??= $"'{Short(sent.Command)}' was answered during pause {pause}: '{Short(reply.Raw)}'";
                if (reply.Raw.Contains($"<{pause}>", StringComparison.Ordinal))
                    _wrong ??= $"'{Short(sent.Command)}' has shown a value of pause {pause}: '{Short(reply.Raw)}'";
            }
        }

        private static string Short(string text) => text.Length < 200 ? text : text[..200];
    }
}
