// The commands allocate no managed memory: a collection is a pause for everybody.

using Xunit;

namespace Valkey.Sets.Tests;

public sealed class AllocationTests
{
    private const int Rounds = 300;

    [Theory]
    [InlineData("SADD changed 5 6 a b")]
    [InlineData("SADD table fresh", "SREM table fresh")]
    [InlineData("SADD ints 5000", "SREM ints 5000")]
    [InlineData("SADD short fresh", "SREM short fresh")]
    [InlineData("SADD new a", "SREM new a")]
    [InlineData("SADD new a", "SPOP new")]
    [InlineData("SADD new 1 2 3 4 5 6 7 8 9 10", "SPOP new 1", "SPOP new 8", "SPOP new 5")]
    [InlineData("SADD new a b c d e f g h i j", "SPOP new 1", "SPOP new 8", "SPOP new 5")]
    [InlineData("SISMEMBER ints 7", "SISMEMBER short m7", "SISMEMBER table m7")]
    [InlineData("SMISMEMBER table m7 m8 none 5")]
    [InlineData("SCARD table")]
    [InlineData("SMEMBERS ints", "SMEMBERS short", "SMEMBERS table")]
    [InlineData("SMOVE table short m700", "SMOVE short table m700")]
    [InlineData("SRANDMEMBER ints", "SRANDMEMBER short", "SRANDMEMBER table")]
    [InlineData("SRANDMEMBER ints 5", "SRANDMEMBER short 5", "SRANDMEMBER table 5")]
    [InlineData("SRANDMEMBER ints 90", "SRANDMEMBER short 15", "SRANDMEMBER table 700")]
    [InlineData("SRANDMEMBER ints -90", "SRANDMEMBER short -15", "SRANDMEMBER table -700")]
    [InlineData("SINTER ints table short", "SINTERCARD 2 short table LIMIT 3", "SINTERSTORE target table short")]
    [InlineData("SUNION ints table short", "SUNION ints ints ints ints short", "SUNIONSTORE target ints short")]
    [InlineData("SDIFF table ints short", "SDIFF short table ints", "SDIFFSTORE target table ints")]
    [InlineData("SSCAN ints 0", "SSCAN short 0 MATCH m*", "SSCAN table 0 COUNT 50")]
    public void They_allocate_nothing(params string[] commands)
    {
        QuietWriter writer = new();
        using SetServer server = new(quietWriter: writer);
        for (int i = 0; i < 100; i++) server.Run("SADD", "ints", $"{i}");
        for (int i = 0; i < 20; i++) server.Run("SADD", "short", $"m{i}");
        for (int i = 0; i < 1000; i++) server.Run("SADD", "table", $"m{i}");
        server.Run("SADD", "changed", "5", "6");
        List<SetServer.PreparedCommand> prepared = [];
        foreach (string command in commands) prepared.Add(new SetServer.PreparedCommand(server, command.Split(' ')));
        Run(prepared);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(prepared);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0, writer.ErrorCount);
        foreach (SetServer.PreparedCommand command in prepared) command.Dispose();
    }

    private static void Run(List<SetServer.PreparedCommand> commands)
    {
        for (int i = 0; i < Rounds; i++)
        {
            foreach (SetServer.PreparedCommand command in commands) command.Run();
        }
    }
}
