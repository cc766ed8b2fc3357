// What --stats shows: for every database and kind of value how many there are and how large, with percentiles.

using System.Globalization;
using System.Numerics;

namespace Valkey.CheckRdb;

/// <summary>Figures by database and kind.</summary>
internal sealed class DatasetStatistics
{
    private static readonly string[] s_kinds = ["string", "list", "set", "zset", "hash", "module", "stream"];

    private static readonly (string Name, Func<TypeStatistics, string> Value)[] s_figures =
    [
        ("keys.total", s => Whole(s.KeyCount)),
        ("expire_keys.total", s => Whole(s.ExpiringCount)),
        ("already_expired.total", s => Whole(s.ExpiredCount)),
        ("keys.size", s => Whole(s.KeyBytes)),
        ("keys.value_size", s => Whole(s.ElementBytes)),
        ("elements.total", s => Whole(s.ElementCount)),
        ("elements.size", s => Whole(s.ElementBytes)),
        ("elements.num.max", s => Whole(s.ElementCountMax)),
        ("elements.num.avg", s => Fraction(s.KeyCount > 0 ? (double)s.ElementCount / s.KeyCount : 0)),
        ("elements.num.p99", s => Fraction(s.Counts.At(99))),
        ("elements.num.p90", s => Fraction(s.Counts.At(90))),
        ("elements.num.p50", s => Fraction(s.Counts.At(50))),
        ("elements.size.max", s => Whole(s.ElementBytesMax)),
        ("elements.size.avg", s => Fraction(s.ElementCount > 0 ? (double)s.ElementBytes / s.ElementCount : 0)),
        ("elements.size.p99", s => Fraction(s.Sizes.At(99))),
        ("elements.size.p90", s => Fraction(s.Sizes.At(90))),
        ("elements.size.p50", s => Fraction(s.Sizes.At(50))),
    ];

    private const int ShownDatabasesMax = 1 << 14; // a damaged file may speak of any number

    private readonly Dictionary<int, TypeStatistics[]> _databases = [];
    private int _highest;

    /// <summary>The figures of one kind in one database.</summary>
    public TypeStatistics Of(int database, ValueKind kind)
    {
        _highest = Math.Max(_highest, database);
        if (!_databases.TryGetValue(database, out TypeStatistics[]? kinds))
            _databases.Add(database, kinds = Array.ConvertAll(s_kinds, _ => new TypeStatistics()));
        return kinds[(int)kind];
    }

    public void Print(StatisticsFormat format, TextWriter output)
    {
        for (int database = 0; database <= Math.Min(_highest, ShownDatabasesMax); database++)
        {
            _ = Of(database, ValueKind.String);
            TypeStatistics[] kinds = _databases[database];
            if (format != StatisticsFormat.Info) PrintRow(format, $"db.{database}.type.name", s_kinds, output);
            foreach ((string name, Func<TypeStatistics, string> value) in s_figures)
            {
                string[] values = Array.ConvertAll(kinds, kind => value(kind));
                if (format == StatisticsFormat.Info) PrintLines(database, name, values, output);
                else PrintRow(format, $"db.{database}.{name}", values, output);
            }
        }
    }

    private static void PrintRow(StatisticsFormat format, string name, string[] values, TextWriter output)
    {
        if (format == StatisticsFormat.Csv)
        {
            output.Write($"{name},{string.Join(',', values)}\n");
            return;
        }

        output.Write(name.PadRight(30));
        foreach (string value in values) output.Write("\t" + value.PadRight(5));
        output.Write("\n");
    }

    private static void PrintLines(int database, string name, string[] values, TextWriter output)
    {
        for (int i = 0; i < values.Length; i++) output.Write($"[info] db.{database}.type.{s_kinds[i]}.{name}:{values[i]}\n");
    }

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Fraction(double value) => value.ToString("F2", CultureInfo.InvariantCulture);
}

/// <summary>What a value is.</summary>
internal enum ValueKind
{
    String,
    List,
    Set,
    SortedSet,
    Hash,
    Module,
    Stream,
}

/// <summary>Figures of one kind of value.</summary>
internal sealed class TypeStatistics
{
    private const long CountMax = 200 * 1024; // more is not told apart by the percentiles
    private const long BytesMax = 1024 * 1024;

    public long KeyCount { get; private set; }

    public long ExpiringCount { get; private set; }

    public long ExpiredCount { get; private set; }

    public long KeyBytes { get; private set; }

    public long ElementCount { get; private set; }

    public long ElementCountMax { get; private set; }

    public long ElementBytes { get; private set; }

    public long ElementBytesMax { get; private set; }

    public Percentiles Counts { get; } = new(CountMax);

    public Percentiles Sizes { get; } = new(BytesMax);

    public void AddKey(long keyBytes, bool expires, bool isExpired)
    {
        KeyCount++;
        KeyBytes += keyBytes;
        if (expires) ExpiringCount++;
        if (isExpired) ExpiredCount++;
    }

    public void AddElement(long sizeBytes)
    {
        ElementBytes += sizeBytes;
        ElementBytesMax = Math.Max(ElementBytesMax, sizeBytes);
        Sizes.Add(sizeBytes);
    }

    public void EndValue(long elementCount)
    {
        ElementCount += elementCount;
        ElementCountMax = Math.Max(ElementCountMax, elementCount);
        Counts.Add(elementCount);
    }
}

/// <summary>Percentiles to three digits, in little room: values that agree in their 11 highest bits are one.</summary>
internal sealed class Percentiles(long max)
{
    private const int ExactBits = 11;

    private readonly SortedDictionary<long, long> _counts = [];
    private long _total;

    public void Add(long value)
    {
        if (value > max) return;
        int lostBits = Math.Max(0, 64 - BitOperations.LeadingZeroCount((ulong)value) - ExactBits);
        long highest = (((value >> lostBits) + 1) << lostBits) - 1;
        _counts[highest] = _counts.GetValueOrDefault(highest) + 1;
        _total++;
    }

    public double At(double percent)
    {
        long wanted = Math.Max((long)((percent / 100 * _total) + 0.5), 1);
        long passed = 0;
        foreach ((long value, long count) in _counts)
        {
            passed += count;
            if (passed >= wanted) return value;
        }

        return 0;
    }
}
