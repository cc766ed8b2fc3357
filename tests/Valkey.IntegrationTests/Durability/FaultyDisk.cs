// A disk that is slow, full or broken when a test says so, and that forgets what was not synced: see
// tests/fixtures/FaultyDisk/faultydisk.c, which is compiled here and preloaded into the server.

using System.Globalization;
using System.IO.MemoryMappedFiles;

namespace Valkey.IntegrationTests.Durability;

internal sealed class FaultyDisk : IDisposable
{
    private const int WordBytes = 8;
    private const int Words = 8 + (2 * 256);
    private const int FirstFile = 8;

    private readonly string _folder;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _words;

    private FaultyDisk(string folder, string library)
    {
        _folder = folder;
        string control = Path.Combine(folder, "control");
        _file = MemoryMappedFile.CreateFromFile(control, FileMode.CreateNew, null, Words * WordBytes);
        _words = _file.CreateViewAccessor();
        WriteAllowanceBytes = -1;
        Environment = new Dictionary<string, string?> { ["LD_PRELOAD"] = library, ["FAULTY_DISK"] = control };
    }

    /// <summary>What a server's environment needs for it.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; }

    /// <summary>How much longer every sync of an append-only file takes, microseconds. Less than before ends the wait of one under way.</summary>
    public long SyncDelayUs
    {
        set => Set(0, value);
    }

    /// <summary>Error number that syncs of append-only files end in; 0 for none.</summary>
    public long SyncError
    {
        set => Set(1, value);
    }

    /// <summary>Error number that writes to append-only files end in; 0 for none.</summary>
    public long WriteError
    {
        set => Set(2, value);
    }

    /// <summary>Bytes until the disk is full; -1 for no end.</summary>
    public long WriteAllowanceBytes
    {
        set => Set(3, value);
    }

    /// <summary>Syncs so far.</summary>
    public long SyncCount => _words.ReadInt64(4 * WordBytes);

    /// <summary>Compiles the library; skips the running test where that cannot be done.</summary>
    public static async Task<FaultyDisk> CreateAsync()
    {
        TestEnvironment.SkipUnlessOurServer();
        string? compiler = RedisTools.FindOnPath("cc") ?? RedisTools.FindOnPath("gcc");
        Skip.If(compiler is null, "There is no C compiler: the disk's faults come from a library that is preloaded.");
        string folder = Directory.CreateTempSubdirectory("valkey-disk-").FullName;
        string library = Path.Combine(folder, "faultydisk.so");
        string source = Path.Combine(TestEnvironment.RepositoryRoot, "tests", "fixtures", "FaultyDisk", "faultydisk.c");
        ProcessResult result = await RedisTools.RunAsync(compiler!, ["-O2", "-shared", "-fPIC", "-o", library, source, "-ldl"]);
        Assert.True(result.ExitCode == 0, result.Errors);
        return new FaultyDisk(folder, library);
    }

    /// <summary>The disk is in order again.</summary>
    public void Mend()
    {
        SyncError = WriteError = 0;
        WriteAllowanceBytes = -1;
    }

    /// <summary>
    /// The power goes: of every append-only file a random part of what was written and not synced is lost, and everything behind
    /// it. The server does not run any more.
    /// </summary>
    public async Task LosePowerAsync(string folder, Random random)
    {
        foreach (string path in Directory.GetFiles(folder, "*.incr.aof"))
        {
            long size = new FileInfo(path).Length;
            if (await SyncedBytesAsync(path) is not { } synced || synced >= size) continue;
            using FileStream file = new(path, FileMode.Open, FileAccess.Write);
            file.SetLength(synced + random.NextInt64(size - synced + 1));
        }
    }

    public void Dispose()
    {
        _words.Dispose();
        _file.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>How much of a file was synced; null when there was no room to note it.</summary>
    private async Task<long?> SyncedBytesAsync(string path)
    {
        ProcessResult stat = await RedisTools.RunAsync("/usr/bin/env", ["stat", "-c", "%i", path]);
        long inode = long.Parse(stat.Output, CultureInfo.InvariantCulture);
        for (int i = FirstFile; i < Words; i += 2)
        {
            long noted = _words.ReadInt64(i * WordBytes);
            if (noted == inode) return _words.ReadInt64((i + 1) * WordBytes);
            if (noted == 0) return 0;
        }

        return null;
    }

    private void Set(int word, long value) => _words.Write(word * WordBytes, value);
}
