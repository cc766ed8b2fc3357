// The commands allocate no managed memory: a collection is a pause for everybody. SORT that really sorts makes one delegate.

using Valkey.Sets.Tests;
using Xunit;

namespace Valkey.Lists.Tests;

public sealed class AllocationTests
{
    private const int Rounds = 300;

    [Theory]
    [InlineData("RPUSH short a", "LPOP short")]
    [InlineData("LPUSH long element", "RPOP long")]
    [InlineData("LPUSH new a b 3", "LPOP new 2", "RPOP new")]
    [InlineData("RPUSHX parts a", "LPUSHX none a", "RPOP parts")]
    [InlineData("LRANGE short 0 -1", "LRANGE parts 0 -1", "LRANGE long 100 300")]
    [InlineData("LLEN long", "LINDEX short 2", "LINDEX long 500", "LINDEX parts -3")]
    [InlineData("LPOS short e3", "LPOS long e900 RANK -1 MAXLEN 0", "LPOS parts e7 COUNT 0")]
    [InlineData("LSET short 1 other", "LSET long 400 other", "LSET parts 30 other")]
    [InlineData("LINSERT long AFTER e5 inserted", "LREM long 1 inserted", "LREM long -1 missing")]
    [InlineData("LMOVE long long LEFT RIGHT", "LMOVE short parts RIGHT LEFT", "LMOVE parts short LEFT RIGHT")]
    [InlineData("RPOPLPUSH long long", "BRPOPLPUSH parts parts 1", "BLMOVE short short LEFT RIGHT 1")]
    [InlineData("RPUSH new a b c d", "LMPOP 2 none new LEFT COUNT 2", "BLPOP none new 1", "BLMPOP 1 1 new RIGHT")]
    [InlineData("RPUSH new a b c d", "LTRIM new 1 2", "LTRIM new 5 9")]
    [InlineData("SORT long BY nosort LIMIT 5 10", "SORT numbers BY nosort GET # STORE new")]
    public void They_allocate_nothing(params string[] commands)
    {
        QuietWriter writer = new();
        using ListServer server = new(quietWriter: writer);
        Fill(server, "short", 10);
        Fill(server, "parts", 300);
        Fill(server, "long", 3000);
        for (int i = 0; i < 50; i++) server.Run("RPUSH", "numbers", $"{(i * 7) % 50}");
        List<ListServer.PreparedCommand> prepared = [];
        foreach (string command in commands) prepared.Add(new ListServer.PreparedCommand(server, command.Split(' ')));
        Run(prepared);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(prepared);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0, writer.ErrorCount);
        foreach (ListServer.PreparedCommand command in prepared) command.Dispose();
    }

    private static void Fill(ListServer server, string key, int count)
    {
        for (int i = 0; i < count; i++) server.Run("RPUSH", key, $"e{i}");
    }

    private static void Run(List<ListServer.PreparedCommand> commands)
    {
        for (int i = 0; i < Rounds; i++)
        {
            foreach (ListServer.PreparedCommand command in commands) command.Run();
        }
    }
}
