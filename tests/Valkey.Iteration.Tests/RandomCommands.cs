// Commands of every kind at random, over few keys, so that they meet. What is not known to the server answers with an error,
// which does no harm.

using System.Globalization;

namespace Valkey.Iteration.Tests;

internal sealed class RandomCommands(Random random, int keyCount)
{
    /// <summary>A command that changes or reads something; MULTI and EXEC are the caller's.</summary>
    public string[] Next() => random.Next(100) switch
    {
        < 30 => OfStrings(),
        < 42 => OfKeys(),
        < 46 => OfDatabases(),
        < 58 => OfLists(),
        < 70 => OfHashes(),
        < 80 => OfSets(),
        < 90 => OfSortedSets(),
        _ => Reading(),
    };

    /// <summary>Fills a server.</summary>
    public string[] Filling() => random.Next(10) switch
    {
        < 4 => ["SET", Key(), Value()],
        4 => ["RPUSH", Key(), .. Elements(60)],
        5 => ["HSET", Key(), .. Pairs(40)],
        6 => ["SADD", Key(), .. Elements(60)],
        7 => ["ZADD", Key(), .. Scored(40)],
        8 => ["SET", Key(), Value(), "PX", Number(1, 2000)],
        _ => ["SELECT", Database()],
    };

    private string[] OfStrings() => random.Next(18) switch
    {
        0 or 1 or 2 => ["SET", Key(), Value()],
        3 => ["SET", Key(), Value(), "KEEPTTL"],
        4 => ["SET", Key(), Value(), "PX", Number(1, 300)],
        5 => ["SET", Key(), Value(), "GET"],
        6 => ["APPEND", Key(), Value()],
        7 => ["SETRANGE", Key(), Number(0, 900), Value()],
        8 => ["SETBIT", Key(), Number(0, 9000), Number(0, 2)],
        9 => ["INCR", Key()],
        10 => ["INCRBYFLOAT", Key(), "1.5"],
        11 => ["GETSET", Key(), Value()],
        12 => ["GETDEL", Key()],
        13 => ["GETEX", Key(), "PX", Number(1, 500)],
        14 => ["MSET", Key(), Value(), Key(), Value(), Key(), Value()],
        15 => ["BITOP", "XOR", Key(), Key(), Key()],
        16 => ["BITFIELD", Key(), "INCRBY", "u16", Number(0, 4000), "7"],
        _ => ["GETEX", Key(), "PERSIST"],
    };

    private string[] OfKeys() => random.Next(13) switch
    {
        0 => ["DEL", Key()],
        1 => ["UNLINK", Key(), Key()],
        2 => ["EXPIRE", Key(), Number(1, 100)],
        3 => ["PEXPIRE", Key(), Number(0, 20)],
        4 => ["PERSIST", Key()],
        5 => ["RENAME", Key(), Key()],
        6 => ["RENAMENX", Key(), Key()],
        7 => ["MOVE", Key(), Database()],
        8 => ["COPY", Key(), Key()],
        9 => ["COPY", Key(), Key(), "DB", Database(), "REPLACE"],
        10 => ["SORT", Key(), "ALPHA", "STORE", Key()],
        11 => ["EXPIREAT", Key(), "1"],
        _ => ["RENAME", Key(), "new" + Key()],
    };

    private string[] OfDatabases() => random.Next(12) switch
    {
        < 8 => ["SELECT", Database()],
        < 11 => ["SWAPDB", Database(), Database()],
        _ => random.Next(2) == 0 ? ["FLUSHDB"] : ["FLUSHDB", "SYNC"],
    };

    private string[] OfLists() => random.Next(9) switch
    {
        0 or 1 => ["RPUSH", Key(), .. Elements(5)],
        2 => ["LPUSH", Key(), .. Elements(60)],
        3 => ["LPOP", Key(), Number(1, 4)],
        4 => ["RPOP", Key()],
        5 => ["LSET", Key(), Number(0, 5), Value()],
        6 => ["LTRIM", Key(), "1", Number(1, 50)],
        7 => ["LMOVE", Key(), Key(), "LEFT", "RIGHT"],
        _ => ["LINSERT", Key(), "BEFORE", Element(), Value()],
    };

    private string[] OfHashes() => random.Next(8) switch
    {
        0 or 1 => ["HSET", Key(), .. Pairs(4)],
        2 => ["HSET", Key(), .. Pairs(60)],
        3 => ["HDEL", Key(), Element(), Element()],
        4 => ["HINCRBY", Key(), "counter", "3"],
        5 => ["HSETNX", Key(), Element(), Value()],
        6 => ["HPEXPIRE", Key(), Number(1, 50), "FIELDS", "1", Element()],
        _ => ["HINCRBYFLOAT", Key(), "float", "0.5"],
    };

    private string[] OfSets() => random.Next(8) switch
    {
        0 or 1 => ["SADD", Key(), .. Elements(5)],
        2 => ["SADD", Key(), .. Elements(80)],
        3 => ["SREM", Key(), Element(), Element()],
        4 => ["SPOP", Key(), Number(1, 4)],
        5 => ["SMOVE", Key(), Key(), Element()],
        6 => ["SUNIONSTORE", Key(), Key(), Key()],
        _ => ["SDIFFSTORE", Key(), Key(), Key()],
    };

    private string[] OfSortedSets() => random.Next(8) switch
    {
        0 or 1 => ["ZADD", Key(), .. Scored(5)],
        2 => ["ZADD", Key(), .. Scored(80)],
        3 => ["ZREM", Key(), Element(), Element()],
        4 => ["ZINCRBY", Key(), "2", Element()],
        5 => ["ZPOPMIN", Key(), Number(1, 4)],
        6 => ["ZUNIONSTORE", Key(), "2", Key(), Key()],
        _ => ["ZRANGESTORE", Key(), Key(), "0", "20"],
    };

    private string[] Reading() => random.Next(10) switch
    {
        0 => ["GET", Key()],
        1 => ["TYPE", Key()],
        2 => ["SCAN", "0", "COUNT", "20"],
        3 => ["RANDOMKEY"],
        4 => ["TTL", Key()],
        5 => ["LRANGE", Key(), "0", "-1"],
        6 => ["HGETALL", Key()],
        7 => ["SMEMBERS", Key()],
        8 => ["ZRANGE", Key(), "0", "-1"],
        _ => ["TOUCH", Key(), Key()],
    };

    private string Key() => "key" + Number(0, keyCount);

    private string Database() => Number(0, 4);

    private string Element() => "element" + Number(0, 100);

    private string Number(int from, int to) => random.Next(from, to).ToString(CultureInfo.InvariantCulture);

    private string Value() => random.Next(6) switch
    {
        0 => Number(0, 100_000),
        1 => new string((char)random.Next('a', 'z'), random.Next(1, 40)),
        2 or 3 => new string((char)random.Next('a', 'z'), random.Next(40, 400)),
        _ => new string((char)random.Next('a', 'z'), random.Next(400, 3000)),
    };

    private string[] Elements(int max)
    {
        string[] elements = new string[random.Next(1, max)];
        for (int i = 0; i < elements.Length; i++) elements[i] = random.Next(8) == 0 ? Value() : Element();
        return elements;
    }

    private string[] Pairs(int max)
    {
        string[] pairs = new string[random.Next(1, max) * 2];
        for (int i = 0; i < pairs.Length; i += 2) (pairs[i], pairs[i + 1]) = (Element(), Value());
        return pairs;
    }

    private string[] Scored(int max)
    {
        string[] pairs = new string[random.Next(1, max) * 2];
        for (int i = 0; i < pairs.Length; i += 2) (pairs[i], pairs[i + 1]) = (Number(0, 1000), Element());
        return pairs;
    }
}
