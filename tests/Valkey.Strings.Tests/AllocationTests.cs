// The commands that servers live on allocate no managed memory: a collection is a pause for everybody.

using Xunit;

namespace Valkey.Strings.Tests;

public sealed class AllocationTests
{
    private const int Rounds = 1000;

    [Theory]
    [InlineData("GET number")]
    [InlineData("GET text")]
    [InlineData("GET long")]
    [InlineData("SET number 12345")]
    [InlineData("SET text other")]
    [InlineData("SET text value EX 100 XX")]
    [InlineData("SET text value KEEPTTL GET")]
    [InlineData("SETEX text 100 value")]
    [InlineData("GETEX text PERSIST")]
    [InlineData("INCR number")]
    [InlineData("DECRBY number 5")]
    [InlineData("MSET text a number 2 long c")]
    [InlineData("MGET text number long")]
    [InlineData("APPEND grown x")]
    [InlineData("SETRANGE grown 5 abc")]
    [InlineData("GETRANGE long 5 20000")]
    [InlineData("STRLEN long")]
    [InlineData("SETBIT grown 77 1")]
    [InlineData("GETBIT grown 77")]
    [InlineData("BITCOUNT long 5 -5 BIT")]
    [InlineData("BITPOS long 0 5 -5 BIT")]
    [InlineData("BITFIELD grown INCRBY i16 #2 1 OVERFLOW SAT SET u9 7 600 GET u8 0")]
    [InlineData("INCRBYFLOAT fraction 0.1")]
    public void It_allocates_nothing(string command)
    {
        using QuietKeyspace server = new();
        server.Seed("number", "1");
        server.Seed("text", "some text");
        server.Seed("long", new string('l', 30_000));
        server.Seed("grown", new string('g', 300));
        server.Seed("fraction", "1.5");
        using QuietKeyspace.Prepared prepared = server.Prepare(command.Split(' '));
        for (int i = 0; i < Rounds; i++) prepared.Run();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Rounds; i++) prepared.Run();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0, server.ErrorCount);
    }
}
