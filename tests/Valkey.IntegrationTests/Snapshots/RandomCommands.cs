// Random commands over a small keyspace: every type that there is, whole keys, several databases. The same seed gives the same
// commands. What expires soon has names of its own, so that a test can do away with it before it compares.

using System.Globalization;

namespace Valkey.IntegrationTests.Snapshots;

internal sealed class RandomCommands(int seed, int keyCount = 300)
{
    public const int DatabaseCount = 3;

    private const int ShortLivedCount = 20;

    private static readonly string s_large = new('L', 3000);
    private readonly Random _random = new(seed);
    private bool _makesNothingShortLived;
    private int _rounds;

    /// <summary>Deletes everything that expires soon in the selected database.</summary>
    public static object[] DeleteShortLived =>
        ["DEL", .. Enumerable.Range(0, ShortLivedCount).Select(i => (object)string.Create(CultureInfo.InvariantCulture, $"short:{i}"))];

    /// <summary>Nothing that expires soon is made.</summary>
    public bool MakesNothingShortLived
    {
        get => Volatile.Read(ref _makesNothingShortLived);
        set => Volatile.Write(ref _makesNothingShortLived, value);
    }

    /// <summary>How often whoever runs the commands has waited for all replies.</summary>
    public int Rounds => Volatile.Read(ref _rounds);

    /// <summary>One command that changes something, more often than not. It never empties all databases: that ends a save.</summary>
    public object[] Next()
    {
        string key = Key();
        return _random.Next(36) switch
        {
            0 or 1 or 2 => ["SET", key, Text()],
            3 => ["SET", key, s_large],
            4 => ["APPEND", key, Text()],
            5 => ["INCR", key],
            6 => ["SETRANGE", key, _random.Next(4000), "patch"],
            7 or 8 => ["RPUSH", key, Text(), Text(), s_large[.._random.Next(600)]],
            9 => ["LPOP", key],
            10 => ["LSET", key, _random.Next(3), Text()],
            11 or 12 => ["SADD", key, Text(), _random.Next(1000), _random.Next(1000)],
            13 => ["SPOP", key],
            14 or 15 => ["HSET", key, $"f{_random.Next(40)}", Text(), $"f{_random.Next(400)}", Text()],
            16 => ["HDEL", key, $"f{_random.Next(40)}"],
            17 or 18 => ["ZADD", key, _random.Next(1000), Text(), _random.NextDouble().ToString("R", CultureInfo.InvariantCulture), $"m{_random.Next(300)}"],
            19 => ["ZPOPMIN", key],
            20 => ["HPEXPIRE", key, 10_000_000 + _random.Next(200_000), "FIELDS", 1, $"f{_random.Next(40)}"],
            21 => ["PEXPIRE", key, 10_000_000],
            22 => ["PERSIST", key],
            23 => ["RENAME", key, Key()],
            24 => ["COPY", key, Key(), "DB", _random.Next(DatabaseCount), "REPLACE"],
            25 => ["MOVE", key, _random.Next(DatabaseCount)],
            26 => ["DEL", key],
            27 => ["UNLINK", key, Key()],
            28 => ["SWAPDB", _random.Next(DatabaseCount), _random.Next(DatabaseCount)],
            29 => ["SELECT", _random.Next(DatabaseCount)],
            30 => ["LMOVE", key, Key(), "LEFT", "RIGHT"],
            31 => ["SUNIONSTORE", key, Key(), Key()],
            32 => ["SORT", key, "ALPHA", "STORE", Key()],
            33 when !MakesNothingShortLived => ["SET", ShortLived(), Text(), "PX", 1 + _random.Next(30)],
            34 when !MakesNothingShortLived => ["HSETEX", ShortLived(), "PX", 1 + _random.Next(30), "FIELDS", 1, $"f{_random.Next(40)}", Text()],
            _ => _random.Next(60) == 0 ? ["FLUSHDB"] : ["MSET", key, Text(), Key(), s_large],
        };
    }

    /// <summary>All commands so far have been answered.</summary>
    public void RoundEnded() => Volatile.Write(ref _rounds, _rounds + 1);

    private string Key() => string.Create(CultureInfo.InvariantCulture, $"key:{_random.Next(keyCount)}");

    private string ShortLived() => string.Create(CultureInfo.InvariantCulture, $"short:{_random.Next(ShortLivedCount)}");

    private string Text() => string.Create(CultureInfo.InvariantCulture, $"v{_random.Next(100_000)}");
}
