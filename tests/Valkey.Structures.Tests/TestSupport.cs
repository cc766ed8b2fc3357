// What all tests of native structures need: one at a time, since they count the process's memory, and random numbers whose
// seed is told when something fails.

using Xunit;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Valkey.Structures.Tests;

internal static class Seeded
{
    /// <summary>Runs a property with a number of fresh seeds (and one fixed), naming the seed when it fails.</summary>
    public static void Check(int runCount, Action<Random> property)
    {
        for (int run = 0; run < runCount; run++)
        {
            int seed = run == 0 ? 4711 : Random.Shared.Next();
            try
            {
                property(new Random(seed));
            }
            catch (Exception ex)
            {
                throw new InvalidOperationException($"Failed with seed {seed}.", ex);
            }
        }
    }

    public static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}

/// <summary>Fails when what was allocated inside the using block was not all given back.</summary>
internal sealed class MemoryBalance : IDisposable
{
    private readonly long _usedBefore = NativeHeap.UsedBytes;

    public void Dispose() => Assert.Equal(_usedBefore, NativeHeap.UsedBytes);
}
