// Damaged files: whatever is changed in one, it is read to its end or refused with a reason, and nothing is left behind.

using Valkey.Abstractions;
using Valkey.Structures;
using Xunit;

namespace Valkey.Rdb.Tests;

public sealed class FuzzTests
{
    private const int Rounds = 20_000;

    [Fact]
    public void A_file_with_random_damage_is_read_or_refused()
    {
        byte[] sound = SoundFile();
        long usedBefore = NativeHeap.UsedBytes;
        int refusedCount = 0;
        for (int seed = 0; seed < Rounds; seed++)
        {
            byte[] file = Damaged(sound, new Random(seed));
            try
            {
                using RdbReader reader = new(new TornSource(file, seed), Receiver(), new RdbLoadSettings(false, seed % 2 == 0, seed % 3 == 0));
                reader.Load();
            }
            catch (SnapshotFormatException)
            {
                refusedCount++;
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {seed}: {exception}");
            }
        }

        Assert.True(refusedCount > Rounds / 10);
        Assert.Equal(usedBefore, NativeHeap.UsedBytes);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        byte[] sound = SoundFile();
        for (int length = 0; length < sound.Length; length++)
        {
            byte[] cut = sound[..length];
            Assert.Throws<SnapshotFormatException>(() => Reading.Load(cut, Receiver()));
        }
    }

    private static RecordingReceiver Receiver() => new(new TextType(), new ElementsType(1, 2, 4, 16, 17, 18, 20), new PartsType());

    private static byte[] SoundFile()
    {
        ListSink sink = new();
        using RdbWriter writer = new(sink, new SnapshotHeader { Fields = [("ctime", "1")] }, 11, compresses: true, hasChecksum: true);
        writer.BeginDatabase(0, 6, 1);
        writer.WriteEntry(new SnapshotEntry("text"u8, new TextType(), new StoredValue(0, 0, new byte[200], true), 5, 6, 7));
        writer.WriteEntry(new SnapshotEntry("set"u8, new ElementsType(), new StoredValue(0, 0, "abcdefgh"u8, true), -1, -1, -1));
        writer.WriteEntry(new SnapshotEntry("module"u8, new PartsType(), new StoredValue(0, 0, "m"u8, true), -1, -1, -1));
        writer.End();
        byte[] ziplist = Ziplists.Of("a", 1L, "bb", -300L, new string('x', 100), long.MinValue);
        byte[] records = sink.Written[..^9];
        return new FileBuilder("REDIS0011").Bytes(records)
            .Bytes(10).Text("l").Blob(ziplist).Bytes(13).Text("h").Blob(ziplist).Bytes(14).Text("q").Bytes(1).Blob(ziplist)
            .Bytes(9).Text("z").Bytes(8, 1, 1, (byte)'f', 1, 1, (byte)'v', 0, 255)
            .Complete();
    }

    private static byte[] Damaged(byte[] sound, Random random)
    {
        byte[] file = [.. sound];
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            int at = 9 + random.Next(file.Length - 9);
            file[at] = random.Next(4) switch
            {
                0 => (byte)random.Next(256),
                1 => (byte)(file[at] ^ (1 << random.Next(8))),
                2 => 0xFF,
                _ => (byte)(file[at] + random.Next(3) - 1),
            };
        }

        if (random.Next(4) == 0) file = file[..random.Next(9, file.Length)];
        if (random.Next(2) == 0) BitConverter.GetBytes(Crc64.AppendByTables(0, file.AsSpan(0, Math.Max(file.Length - 8, 0)))).CopyTo(file, Math.Max(file.Length - 8, 0));
        return file;
    }
}
