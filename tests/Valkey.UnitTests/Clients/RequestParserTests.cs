// The parser against the list of requests that the bytes were made of: however a pipeline is torn, the same requests come out.

using System.Text;
using Valkey.Host.Clients;
using Xunit;

namespace Valkey.UnitTests.Clients;

public sealed unsafe class RequestParserTests
{
    [Fact]
    public void A_pipeline_torn_anywhere_gives_the_same_requests() => Seeded.Check(300, random =>
    {
        List<byte[][]> sent = [];
        byte[] bytes = Pipeline(random, sent);
        Receiver receiver = new();

        int offset = 0;
        while (offset < bytes.Length)
        {
            int count = Math.Min(bytes.Length - offset, random.Next(4) == 0 ? random.Next(1, 40_000) : random.Next(1, 9));
            receiver.Receive(bytes.AsSpan(offset, count), BatchLimit(random));
            offset += count;
        }

        Assert.Null(receiver.Error);
        Assert.Equal(0, receiver.UnreadCount);
        Assert.Equal(sent.Count, receiver.Requests.Count);
        for (int i = 0; i < sent.Count; i++)
        {
            Assert.Equal(sent[i].Length, receiver.Requests[i].Length);
            for (int j = 0; j < sent[i].Length; j++) Assert.True(sent[i][j].AsSpan().SequenceEqual(receiver.Requests[i][j]));
        }
    });

    [Fact]
    public void Random_bytes_end_in_requests_within_their_bytes_or_in_an_error() => Seeded.Check(2000, random =>
    {
        byte[] bytes = Noise(random);
        Receiver receiver = new();
        for (int offset = 0; offset < bytes.Length && receiver.Error is null;)
        {
            int count = Math.Min(random.Next(1, 64), bytes.Length - offset);
            receiver.Receive(bytes.AsSpan(offset, count), RequestParser.BatchMax); // asserts that slices lie inside
            offset += count;
        }

        if (receiver.Error is not null) Assert.StartsWith("Protocol error: ", receiver.Error, StringComparison.Ordinal);
    });

    [Fact]
    public void Inline_requests_that_come_together_keep_their_own_words()
    {
        Receiver receiver = new();

        receiver.Receive("SET a 1\r\nGET a\nECHO \"x\\x41\\n\" 'it\\'s'\r\n\r\n*1\r\n$4\r\nPING\r\nPING\r\n"u8, RequestParser.BatchMax);

        Assert.Equal(["SET a 1", "GET a", "ECHO xA\n it's", "PING", "PING"], receiver.Texts());
    }

    [Theory]
    [InlineData("*1\r\n:1\r\n", "Protocol error: expected '$', got ':'")]
    [InlineData("*x\r\n", "Protocol error: invalid multibulk length")]
    [InlineData("*99999999999\r\n", "Protocol error: invalid multibulk length")]
    [InlineData("*1\r\n$-2\r\n", "Protocol error: invalid bulk length")]
    [InlineData("*1\r\n$999999999999\r\n", "Protocol error: invalid bulk length")]
    [InlineData("ECHO \"x\r\n", "Protocol error: unbalanced quotes in request")]
    public void Malformed_requests_are_named(string sent, string error)
    {
        Receiver receiver = new();

        receiver.Receive(Encoding.Latin1.GetBytes(sent), RequestParser.BatchMax);

        Assert.Equal(error, receiver.Error);
    }

    [Theory]
    [InlineData("*11\r\n", "Protocol error: unauthenticated multibulk length")]
    [InlineData("*1\r\n$16385\r\n", "Protocol error: unauthenticated bulk length")]
    public void Who_has_not_logged_in_may_send_little(string sent, string error)
    {
        Receiver stranger = new() { IsAuthenticated = false };
        Receiver friend = new();

        stranger.Receive(Encoding.Latin1.GetBytes(sent), 1);
        friend.Receive(Encoding.Latin1.GetBytes(sent), 1);

        Assert.Equal(error, stranger.Error);
        Assert.Null(friend.Error);
    }

    private static int BatchLimit(Random random) => random.Next(3) == 0 ? random.Next(1, 4) : RequestParser.BatchMax;

    private static byte[] Pipeline(Random random, List<byte[][]> requests)
    {
        using MemoryStream bytes = new();
        for (int i = random.Next(1, 40); i > 0; i--)
        {
            int kind = random.Next(10);
            if (kind == 0) bytes.Write("\r\n"u8); // an empty line asks for nothing
            else if (kind == 1) bytes.Write("*0\r\n"u8);
            else if (kind < 4) requests.Add(WriteInline(random, bytes));
            else requests.Add(WriteMultibulk(random, bytes));
        }

        return bytes.ToArray();
    }

    private static byte[][] WriteInline(Random random, MemoryStream bytes)
    {
        byte[][] words = new byte[random.Next(1, 6)][];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = new byte[random.Next(1, 20)];
            for (int j = 0; j < words[i].Length; j++) words[i][j] = (byte)random.Next('a', 'z' + 1);
            if (i > 0) bytes.Write(" "u8);
            bytes.Write(words[i]);
        }

        bytes.Write(random.Next(2) == 0 ? "\r\n"u8 : "\n"u8);
        return words;
    }

    private static byte[][] WriteMultibulk(Random random, MemoryStream bytes)
    {
        byte[][] arguments = new byte[random.Next(12) == 0 ? random.Next(1, 400) : random.Next(1, 6)][];
        bytes.Write(Encoding.ASCII.GetBytes($"*{arguments.Length}\r\n"));
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Seeded.Bytes(random, random.Next(30) == 0 ? random.Next(100_000) : random.Next(30));
            bytes.Write(Encoding.ASCII.GetBytes($"${arguments[i].Length}\r\n"));
            bytes.Write(arguments[i]);
            bytes.Write("\r\n"u8);
        }

        return arguments;
    }

    /// <summary>Bytes that look a little like the protocol.</summary>
    private static byte[] Noise(Random random)
    {
        string[] pieces = ["*", "$", "\r\n", "\n", "1", "-1", "3", "99999999999999999999", "PING", "\"", "'", "\\x", " ", "\0", ":"];
        StringBuilder text = new();
        for (int i = random.Next(1, 60); i > 0; i--)
            text.Append(random.Next(8) == 0 ? ((char)random.Next(256)).ToString() : pieces[random.Next(pieces.Length)]);
        return Encoding.Latin1.GetBytes(text.ToString());
    }

    /// <summary>What a client's connection does with the parser: the buffer begins at the first request not consumed.</summary>
    private sealed class Receiver
    {
        private readonly RequestParser _parser = new();
        private PartialRequest _partial;
        private byte[] _unread = [];

        public bool IsAuthenticated { get; init; } = true;

        public List<byte[][]> Requests { get; } = [];

        public string? Error { get; private set; }

        public int UnreadCount => _unread.Length;

        public string[] Texts() => [.. Requests.Select(words => string.Join(' ', words.Select(Encoding.Latin1.GetString)))];

        public void Receive(ReadOnlySpan<byte> bytes, int batchLimit)
        {
            byte[] all = [.. _unread, .. bytes];
            nint position = 0;
            fixed (byte* start = all)
            {
                while (position < all.Length && Error is null)
                {
                    int count = _parser.ParseBatch(start + position, all.Length - position, ref _partial, IsAuthenticated, batchLimit);
                    Error = _parser.Error;
                    nint consumed = Take(count, start, all.Length);
                    position += consumed;
                    if (count == 0) break;
                }
            }

            _unread = all[(int)position..];
        }

        private nint Take(int count, byte* start, int length)
        {
            for (int i = 0; i < count; i++)
            {
                ref ParsedRequest request = ref _parser.Batch[i];
                byte[][] arguments = new byte[request.ArgumentCount][];
                for (int j = 0; j < arguments.Length; j++)
                {
                    Valkey.Abstractions.ArgumentSlice slice = _parser.Slices[request.FirstSlice + j];
                    bool isInline = slice.Start < start || slice.Start >= start + length;
                    if (!isInline) Assert.True(slice.Start + slice.Length <= start + length);
                    arguments[j] = new ReadOnlySpan<byte>(slice.Start, (int)slice.Length).ToArray();
                }

                if (arguments.Length > 0) Requests.Add(arguments);
            }

            return count == 0 ? 0 : _parser.Batch[count - 1].EndOffset;
        }
    }
}
