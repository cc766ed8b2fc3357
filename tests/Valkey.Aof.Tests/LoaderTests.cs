// Loading: what runs in which order, what is cut off, what ends the start, and that no bytes whatsoever do more harm than that.

using Valkey.Abstractions;
using Valkey.Aof.Loading;
using Valkey.Structures;
using Xunit;
using static Valkey.Aof.Tests.AofWorkspace;

namespace Valkey.Aof.Tests;

public sealed class LoaderTests : IDisposable
{
    private const string Manifest = "file base seq 1 type b\nfile one seq 1 type i\nfile two seq 2 type i\n";
    private static readonly byte[] s_set = Command("SET", "a", "1");
    private static readonly byte[] s_incr = Command("INCR", "a");
    private static readonly byte[] s_multi = Command("MULTI");
    private static readonly byte[] s_exec = Command("EXEC");

    private readonly AofWorkspace _workspace = new();
    private bool _loadsTruncated = true;
    private RecordingLoading _loading = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Base_and_increments_are_loaded_in_order()
    {
        _workspace.Write("base", Text("REDIS03abc"));
        _workspace.Write("one", s_set, s_incr, Text("#TS:1628217470\r\n"), s_multi, s_incr, s_incr, s_exec);
        _workspace.Write("two", s_incr);
        Assert.True(_workspace.Manifest(Manifest));

        Assert.Equal(LoadOutcome.Loaded, Load());

        Assert.Equal(["snapshot abc", "SET a 1", "INCR a", "(INCR a,INCR a)", "INCR a"], _loading.Commands);
        Assert.Equal(_loading.TotalBytes, _loading.LastProgress);
        Assert.True(_loading.IsOver);
        Assert.Contains("Reading RDB base file on AOF loading...", _workspace.Log.Lines);
        Assert.Contains(_workspace.Log.Lines, line => line.StartsWith("DB loaded from incr file two: ", StringComparison.Ordinal));
    }

    [Fact]
    public void The_file_of_an_old_server_may_have_commands_behind_its_snapshot()
    {
        File.WriteAllBytes("log.aof", Join(Text("REDIS03abc"), s_set));

        Assert.Equal(LoadOutcome.Loaded, Load());

        Assert.Equal(["snapshot abc", "SET a 1"], _loading.Commands);
        Assert.Contains("Reading RDB preamble from AOF file...", _workspace.Log.Lines);
        Assert.Contains("Reading the remaining AOF tail...", _workspace.Log.Lines);
    }

    [Fact]
    public void Nothing_there_and_nothing_in_it_are_told_apart()
    {
        Assert.Equal(LoadOutcome.NothingThere, Load());

        _workspace.Write("one");
        Assert.True(_workspace.Manifest("file one seq 1 type i\n"));
        Assert.Equal(LoadOutcome.Empty, Load());
    }

    [Fact]
    public void Empty_files_among_others_are_passed_over()
    {
        _workspace.Write("base");
        _workspace.Write("one", s_set);
        _workspace.Write("two");
        Assert.True(_workspace.Manifest(Manifest));

        Assert.Equal(LoadOutcome.Loaded, Load());
        Assert.Equal(["SET a 1"], _loading.Commands);
    }

    [Fact]
    public void A_missing_file_ends_the_start_before_anything_is_loaded()
    {
        _workspace.Write("base", Text("REDIS03abc"));
        _workspace.Write("two", s_set);
        Assert.True(_workspace.Manifest(Manifest));

        Assert.Equal(LoadOutcome.Failed, Load());
        Assert.Empty(_loading.Commands);
        Assert.Contains("Unable to obtain the AOF file one length. stat: No such file or directory", _workspace.Log.Lines);
    }

    [Fact]
    public void An_incomplete_end_of_a_file_that_is_not_the_last_ends_the_start_and_changes_nothing()
    {
        byte[] torn = Join(s_set, s_incr[..5]);
        _workspace.Write("base");
        _workspace.Write("one", torn);
        _workspace.Write("two", s_incr);
        Assert.True(_workspace.Manifest(Manifest));

        Assert.Equal(LoadOutcome.Failed, Load());
        Assert.Contains("Fatal error: the truncated file is not the last file", _workspace.Log.Lines);
        Assert.Equal(torn, _workspace.Read("one"));
    }

    [Fact]
    public void Cut_at_any_byte_a_file_is_loaded_up_to_its_last_whole_command_or_transaction()
    {
        byte[][] pieces =
        [
            s_set, Text("#TS:1628217470\r\n"), s_incr, Join(s_multi, s_incr, Command("SET", "b", "\r\n$1\r\n*"), s_exec), Command("DEL", "", "a"),
        ];
        byte[] whole = Join(pieces);
        for (int length = 1; length <= whole.Length; length++)
        {
            (int good, int commandCount) = LastGood(pieces, length);
            _workspace.Write("one", whole[..length]);
            Assert.True(_workspace.Manifest("file one seq 1 type i\n"));

            LoadOutcome outcome = Load();

            bool isWhole = IsAtEndOfPiece(pieces, length);
            Assert.Equal(isWhole ? LoadOutcome.Loaded : LoadOutcome.LoadedTruncated, outcome);
            Assert.Equal(commandCount, _loading.Commands.Count);
            Assert.Equal(whole[..(isWhole ? length : good)], _workspace.Read("one"));
        }
    }

    [Fact]
    public void Without_the_option_an_incomplete_end_ends_the_start_and_nothing_is_cut_off()
    {
        _loadsTruncated = false;
        byte[] torn = Join(s_set, s_incr[..5]);
        _workspace.Write("one", torn);
        Assert.True(_workspace.Manifest("file one seq 1 type i\n"));

        Assert.Equal(LoadOutcome.Failed, Load());
        Assert.Equal(torn, _workspace.Read("one"));
        Assert.StartsWith("Unexpected end of file reading the append only file one. You can: 1) Make a backup", _workspace.Log.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void An_open_transaction_is_cut_off_before_its_MULTI()
    {
        _workspace.Write("one", s_set, s_multi, s_incr);
        Assert.True(_workspace.Manifest("file one seq 1 type i\n"));

        Assert.Equal(LoadOutcome.LoadedTruncated, Load());
        Assert.Equal(s_set, _workspace.Read("one"));
        Assert.Contains("Revert incomplete MULTI/EXEC transaction in AOF file one", _workspace.Log.Lines);
    }

    [Fact]
    public void An_incomplete_command_behind_a_snapshot_leaves_the_snapshot_alone()
    {
        File.WriteAllBytes("log.aof", Join(Text("REDIS03abc"), s_set[..9]));

        Assert.Equal(LoadOutcome.LoadedTruncated, Load());
        Assert.Equal(Text("REDIS03abc"), _workspace.Read("log.aof"));
    }

    [Theory]
    [InlineData("hello\r\n")]
    [InlineData("*0\r\n")]
    [InlineData("*-1\r\n")]
    [InlineData("*\r\n")]
    [InlineData("*x\r\n")]
    [InlineData("* 1\r\n$4\r\nPING\r\n")]
    [InlineData("*1\n$4\r\nPING\r\n")]
    [InlineData("*1\r\r$4\r\nPING\r\n")]
    [InlineData("*99999999999\r\n")]
    [InlineData("*1\r\n:4\r\nPING\r\n")]
    [InlineData("*1\r\n$-1\r\n")]
    [InlineData("*1\r\n$4294967296\r\n")]
    [InlineData("*1\r\n$9223372036854775807\r\n")]
    [InlineData("*1\r\n$18446744073709551616\r\n")]
    [InlineData("*1\r\n$99999999999999999999999999999999\r\n")]
    [InlineData("*1\r\n$4\r\nPINGPING\r\n")]
    [InlineData("\0\0\0\0")]
    public void What_is_no_command_ends_the_start(string garbage)
    {
        byte[] file = Join(s_set, Text(garbage), s_incr);
        _workspace.Write("one", file);
        Assert.True(_workspace.Manifest("file one seq 1 type i\n"));

        Assert.Equal(LoadOutcome.Failed, Load());
        Assert.Equal(["SET a 1"], _loading.Commands);
        Assert.StartsWith("Bad file format reading the append only file one: make a backup", _workspace.Log.Lines[^1], StringComparison.Ordinal);
        Assert.Equal(file, _workspace.Read("one"));
    }

    [Fact]
    public void An_annotation_has_a_limit()
    {
        string fits = "#" + new string('x', CommandParser.AnnotationBytesMax - 2) + "\n";

        Assert.Equal(LoadOutcome.Loaded, Load(Join(s_set, Text(fits), s_incr)));
        Assert.Equal(LoadOutcome.Failed, Load(Join(s_set, Text("#x" + fits[1..]), s_incr)));
    }

    [Fact]
    public void A_length_that_is_only_promised_costs_no_memory()
    {
        long before = NativeHeap.UsedBytes;

        Assert.Equal(LoadOutcome.LoadedTruncated, Load(Join(s_set, Text("*2\r\n$3\r\nGET\r\n$2147483000\r\nabc"))));
        Assert.Equal(LoadOutcome.LoadedTruncated, Load(Join(s_set, Text("*200000000\r\n$3\r\nGET\r\n"))));

        Assert.Equal(before, NativeHeap.UsedBytes);
        Assert.Equal(s_set, _workspace.Read("one"));
    }

    [Fact]
    public void Commands_longer_than_the_buffer_are_loaded_and_the_memory_is_given_back()
    {
        long before = NativeHeap.UsedBytes;
        string large = new('x', AofInput.BufferBytes * 5);
        List<string> many = ["RPUSH", "l"];
        for (int i = 0; i < 100_000; i++) many.Add("element" + i);

        LoadOutcome outcome = Load(Join(s_set, Command("SET", "b", large), s_incr, Command([.. many]), s_incr));

        Assert.Equal(LoadOutcome.Loaded, outcome);
        Assert.Equal(["SET a 1", "SET b " + large, "INCR a", string.Join(' ', many), "INCR a"], _loading.Commands);
        Assert.Equal(before, NativeHeap.UsedBytes);
    }

    [Fact]
    public void A_command_that_cannot_be_run_ends_the_start()
    {
        Assert.Equal(LoadOutcome.Failed, Load(Join(s_set, Command("UNKNOWN", "x"), s_incr)));

        Assert.Equal(["SET a 1"], _loading.Commands);
        Assert.Equal("Error reading the append only file one, error: unknown command", _workspace.Log.Lines[^1]);
    }

    [Fact]
    public void A_damaged_snapshot_ends_the_start()
    {
        Assert.Equal(LoadOutcome.Failed, Load(Text("REDIS09abc")));
        Assert.Equal("Error reading the RDB base file one, AOF loading aborted", _workspace.Log.Lines[^1]);
    }

    [Fact]
    public void Damaged_files_never_do_more_than_end_the_start()
    {
        Random random = new(5);
        byte[] sound = Join(s_set, Text("#TS:1\r\n"), s_multi, s_incr, s_exec, Command("RPUSH", "l", "a", "b", new string('c', 300)), s_incr);
        string[] interesting = ["*", "$", "\r", "\n", "#", "-", "0", "9", "99999999", "\0", "\r\n"];
        long before = NativeHeap.UsedBytes;
        for (int round = 0; round < 2_000; round++)
        {
            List<byte> file = [.. sound];
            for (int i = 1 + random.Next(3); i > 0; i--)
            {
                int at = random.Next(file.Count);
                if (random.Next(3) == 0) file.RemoveRange(at, random.Next(Math.Min(20, file.Count - at)));
                else if (random.Next(2) == 0) file.InsertRange(at, Text(interesting[random.Next(interesting.Length)]));
                else file[at] = (byte)random.Next(256);
            }

            LoadOutcome outcome = Load([.. file]);

            Assert.True(outcome is LoadOutcome.Loaded or LoadOutcome.LoadedTruncated or LoadOutcome.Failed, $"round {round}: {outcome}");
            Assert.True(outcome != LoadOutcome.LoadedTruncated || Load(_workspace.Read("one")) is LoadOutcome.Loaded or LoadOutcome.Empty, $"round {round}");
        }

        Assert.Equal(before, NativeHeap.UsedBytes);
    }

    private static (int Good, int CommandCount) LastGood(byte[][] pieces, int length)
    {
        int good = 0;
        int commandCount = 0;
        int end = 0;
        foreach (byte[] piece in pieces)
        {
            end += piece.Length;
            if (end > length) break;
            if (piece[0] == '#') continue;
            good = end;
            commandCount++;
        }

        return (good, commandCount);
    }

    private static bool IsAtEndOfPiece(byte[][] pieces, int length)
    {
        int end = 0;
        foreach (byte[] piece in pieces)
        {
            end += piece.Length;
            if (end == length) return true;
        }

        return false;
    }

    private LoadOutcome Load(byte[] onlyFile)
    {
        _workspace.Write("one", onlyFile);
        Assert.True(_workspace.Manifest("file one seq 1 type i\n"));
        return Load();
    }

    private LoadOutcome Load()
    {
        _loading = new RecordingLoading();
        return new AofLoader(_workspace.Folder, static () => true, () => _loadsTruncated, _workspace.Log).Load(_loading);
    }
}
