// The commands allocate no managed memory: a collection is a pause for everybody.

using Valkey.Sets.Tests;
using Xunit;

namespace Valkey.Hashes.Tests;

public sealed class AllocationTests
{
    private const int Rounds = 300;

    [Theory]
    [InlineData("HSET small f1 other", "HSET table f1 other", "HSET times f1 other")]
    [InlineData("HSET new a 1 b 2", "HDEL new a b")]
    [InlineData("HSETNX new a 1", "HGETDEL new FIELDS 1 a")]
    [InlineData("HGET small f7", "HGET table f7", "HGET times f7")]
    [InlineData("HMGET table f7 none f8")]
    [InlineData("HLEN table", "HSTRLEN table f1", "HEXISTS table none")]
    [InlineData("HGETALL small", "HKEYS table", "HVALS times")]
    [InlineData("HINCRBY small number 5", "HINCRBY table number 5", "HINCRBY times number 5")]
    [InlineData("HINCRBYFLOAT small fraction 0.5", "HINCRBYFLOAT times fraction 0.5")]
    [InlineData("HRANDFIELD small", "HRANDFIELD table 5 WITHVALUES", "HRANDFIELD table 700", "HRANDFIELD small -20")]
    [InlineData("HSCAN small 0 MATCH f*", "HSCAN table 0 COUNT 50")]
    [InlineData("HEXPIRE table 100 FIELDS 2 f1 f2", "HPERSIST table FIELDS 2 f1 f2")]
    [InlineData("HTTL times FIELDS 2 f1 f2", "HPEXPIRETIME times FIELDS 2 f1 f2")]
    [InlineData("HGETEX times EX 100 FIELDS 2 f1 f2", "HGETEX times FIELDS 1 f1")]
    [InlineData("HSETEX times FXX EX 100 FIELDS 2 f1 1 f2 2")]
    public void They_allocate_nothing(params string[] commands)
    {
        QuietWriter writer = new();
        using HashServer server = new(quietWriter: writer);
        for (int i = 0; i < 20; i++) server.Run("HSET", "small", $"f{i}", $"v{i}");
        for (int i = 0; i < 1000; i++) server.Run("HSET", "table", $"f{i}", $"v{i}");
        for (int i = 0; i < 100; i++) server.Run("HSETEX", "times", "EX", "1000", "FIELDS", "1", $"f{i}", $"v{i}");
        List<HashServer.PreparedCommand> prepared = [];
        foreach (string command in commands) prepared.Add(new HashServer.PreparedCommand(server, command.Split(' ')));
        Run(prepared);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(prepared);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0, writer.ErrorCount);
        foreach (HashServer.PreparedCommand command in prepared) command.Dispose();
    }

    private static void Run(List<HashServer.PreparedCommand> commands)
    {
        for (int i = 0; i < Rounds; i++)
        {
            foreach (HashServer.PreparedCommand command in commands) command.Run();
        }
    }
}
