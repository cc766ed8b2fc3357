using Xunit;

namespace Valkey.Structures.Tests;

public sealed class NativeFileWriterTests : IDisposable
{
    private const int NoSuchFile = 2;
    private const int DiskFull = 28;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"writer-{Guid.NewGuid():N}");

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(4096, 2)]
    [InlineData(1_000_000, 3)]
    public void A_file_holds_what_was_written_in_pieces_of_any_size(long syncEveryBytes, int seed)
    {
        Random random = new(seed);
        using MemoryStream expected = new();
        using MemoryBalance balance = new();
        using (NativeFileWriter writer = NativeFileWriter.TryCreate(_path, syncEveryBytes, out _)!)
        {
            for (int i = 0; i < 400; i++)
            {
                byte[] piece = new byte[random.Next(4) == 0 ? random.Next(3 * NativeFileWriter.BufferBytes) : random.Next(200)];
                random.NextBytes(piece);
                writer.Write(piece);
                expected.Write(piece);
                if (random.Next(20) == 0) writer.Flush();
                Assert.Equal(expected.Length, writer.BytesWritten);
            }

            Assert.Equal(0, writer.Sync());
            Assert.Equal(expected.Length, new FileInfo(_path).Length);
        }

        Assert.Equal(expected.ToArray(), File.ReadAllBytes(_path));
    }

    [Fact]
    public void A_file_that_was_there_is_emptied_first()
    {
        File.WriteAllText(_path, "something longer than what comes");

        using (NativeFileWriter writer = NativeFileWriter.TryCreate(_path, 0, out _)!)
        {
            writer.Write("short"u8);
            writer.Flush();
        }

        Assert.Equal("short", File.ReadAllText(_path));
    }

    [Fact]
    public void A_file_that_cannot_be_created_is_an_error_number()
    {
        NativeFileWriter? writer = NativeFileWriter.TryCreate("/no-such-directory/file", 0, out int errorNumber);

        Assert.Null(writer);
        Assert.Equal(NoSuchFile, errorNumber);
    }

    [Fact]
    public void A_full_disk_is_kept_in_mind_and_what_follows_is_ignored()
    {
        using NativeFileWriter writer = NativeFileWriter.TryCreate("/dev/full", 0, out _)!;

        writer.Write(new byte[NativeFileWriter.BufferBytes * 2]);
        Assert.Equal(DiskFull, writer.ErrorNumber);
        writer.Write("more"u8);
        writer.Flush();

        Assert.Equal(DiskFull, writer.Sync());
        Assert.Equal(0, writer.BytesWritten);
    }

    [Fact]
    public void Nothing_is_written_once_it_is_closed()
    {
        NativeFileWriter writer = NativeFileWriter.TryCreate(_path, 0, out _)!;
        writer.Dispose();

        writer.Write("late"u8);
        writer.Dispose();

        Assert.Equal(-1, writer.Descriptor);
        Assert.Empty(File.ReadAllBytes(_path));
    }
}
