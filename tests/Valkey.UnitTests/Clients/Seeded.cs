// Random properties of the buffers and the parser, with the seed in the message of what fails.

namespace Valkey.UnitTests.Clients;

internal static class Seeded
{
    /// <summary>Runs a property with one fixed and some fresh seeds.</summary>
    public static void Check(int runCount, Action<Random> property)
    {
        for (int run = 0; run < runCount; run++)
        {
            int seed = run == 0 ? 4711 : Random.Shared.Next();
            try
            {
                property(new Random(seed));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Failed with seed {seed}.", exception);
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
