// The commit thread against real files: what it confirms is there, in order, whole, whatever the timing.

using System.Text;
using Valkey.Aof.Files;
using Valkey.Aof.Offload;
using Valkey.Aof.Writing;
using Xunit;

namespace Valkey.Aof.Tests;

public sealed class CommitThreadTests : IDisposable
{
    private readonly string _folderName = Directory.CreateTempSubdirectory("valkey-commit-").FullName;
    private readonly AofFolder _folder;

    public CommitThreadTests() => _folder = new AofFolder(() => _folderName, () => "log", new ListLog(), new WorkAtOnce());

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_is_confirmed_is_in_the_file_in_order(int seed)
    {
        Random random = new(seed);
        Observer observer = new();
        CommitThread commit = new(new OpenGates(), observer);
        observer.Commit = commit;
        using IncrementFile file = IncrementFile.TryOpen(_folder, "file", isNew: true, out _)!;
        commit.Begin(file, durableOffset: 5);
        Assert.Equal(5, commit.DurableOffset);

        StringBuilder model = new();
        CommandBuffer? buffer = null;
        for (int i = 1; i <= 5000; i++)
        {
            buffer ??= commit.Take();
            string text = $"{i}:{new string('x', random.Next(100))}";
            Bytes.Append(buffer, 5 + i, "SET", text);
            model.Append("*2\r\n$3\r\nSET\r\n$").Append(text.Length).Append("\r\n").Append(text).Append("\r\n");
            if (random.Next(3) > 0) continue;
            commit.Publish(buffer);
            buffer = null;
            if (random.Next(50) == 0) Assert.True(commit.TryDrain());
        }

        if (buffer is not null) commit.Publish(buffer);
        Assert.True(commit.TryDrain());

        Assert.Equal(5005, commit.DurableOffset);
        Assert.Equal(model.ToString(), File.ReadAllText(_folder.PathOf("file"), Encoding.Latin1));
        Assert.True(observer.IsMonotonic);
        Assert.True(commit.CommitCount is > 0 and <= 5000);
        Assert.True(commit.Memory.Bytes > 0, "a buffer is kept for what comes next");
        commit.Trim();
        Assert.Equal(0, commit.Memory.Bytes);
        commit.Stop();
    }

    [Fact]
    public void What_cannot_be_written_is_never_confirmed_and_given_back_in_order()
    {
        Observer observer = new();
        CommitThread commit = new(new OpenGates(), observer);
        observer.Commit = commit;
        AofFolder devices = new(() => "/dev", () => "log", new ListLog(), new WorkAtOnce());
        using IncrementFile full = IncrementFile.TryOpen(devices, "full", isNew: false, out _)!;
        commit.Begin(full, durableOffset: 0);

        CommandBuffer buffer = commit.Take();
        Bytes.Append(buffer, 1, "SET", "a");
        commit.Publish(buffer);
        Assert.False(commit.TryDrain());
        buffer = commit.Take();
        Bytes.Append(buffer, 2, "SET", "b");
        commit.Publish(buffer);

        const int NoSpace = 28;
        Assert.Equal(NoSpace, commit.ErrorNumber);
        Assert.False(commit.SyncFailed);
        Assert.Equal(0, commit.DurableOffset);
        Assert.True(SpinWait.SpinUntil(() => observer.OutcomeCount == 1, TimeSpan.FromSeconds(10)));
        commit.Retry();
        CommandBuffer rest = new(commit.Memory);
        commit.TryReclaim(rest);
        Assert.Equal("*2\r\n$3\r\nSET\r\n$1\r\na\r\n*2\r\n$3\r\nSET\r\n$1\r\nb\r\n", Bytes.Text(rest));
        Assert.Equal(2, rest.EndOffset);
        Assert.Equal(0, commit.DurableOffset);
        Assert.True(commit.IsIdle);
        rest.Dispose();
        Assert.Equal(0, commit.Memory.Bytes); // nothing of what was given back is left behind
        commit.Stop();
    }

    public void Dispose() => Directory.Delete(_folderName, recursive: true);

    private sealed class Observer : ICommitObserver
    {
        private long _lastOffset = -1;
        private int _outcomeCount;

        public CommitThread Commit { get; set; } = null!;

        public bool IsMonotonic { get; private set; } = true;

        public int OutcomeCount => Volatile.Read(ref _outcomeCount);

        public void Committed()
        {
            IsMonotonic &= Commit.DurableOffset >= _lastOffset;
            _lastOffset = Commit.DurableOffset;
        }

        public void OutcomeChanged() => Interlocked.Increment(ref _outcomeCount);
    }
}
