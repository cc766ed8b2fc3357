// Walks through one value of any type code, without the type: everything is checked that can be without knowing what the
// value is for (encodings element by element, members and fields that come twice, scores that are no numbers), and
// every element is counted.

using Valkey.Rdb;
using Valkey.Structures;

namespace Valkey.CheckRdb;

internal sealed class ValueInspector(RdbInput input) : IDisposable
{
    private const int ScoreTextMax = 32;

    private readonly byte[] _digits = new byte[IntegerText.LengthMax];
    private readonly ElementSet _seen = new();
    private readonly ListpackBuilder _converted = new();
    private readonly StreamInspector _streams = new(input);
    private long _elementCount;

    private enum Shape
    {
        Single,
        Unique,
        Pairs,
        ScoredPairs,
    }

    /// <summary>What kind of value a type code stands for.</summary>
    public static ValueKind KindOf(byte typeCode) => typeCode switch
    {
        RdbTypeCode.String => ValueKind.String,
        RdbTypeCode.List or RdbTypeCode.ListZiplist or RdbTypeCode.ListQuicklist or RdbTypeCode.ListQuicklist2 => ValueKind.List,
        RdbTypeCode.Set or RdbTypeCode.SetIntset or RdbTypeCode.SetListpack => ValueKind.Set,
        RdbTypeCode.SortedSet or RdbTypeCode.SortedSetText or RdbTypeCode.SortedSetZiplist or RdbTypeCode.SortedSetListpack =>
            ValueKind.SortedSet,
        RdbTypeCode.Stream or RdbTypeCode.Stream2 or RdbTypeCode.Stream3 => ValueKind.Stream,
        RdbTypeCode.Module or RdbTypeCode.ModulePreRelease => ValueKind.Module,
        _ => ValueKind.Hash,
    };

    /// <summary>Checks the value that follows.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public void Inspect(byte typeCode, TypeStatistics statistics)
    {
        _elementCount = 0;
        _seen.Clear();
        switch (typeCode)
        {
            case RdbTypeCode.String:
                Element(input.String(_digits).Length, statistics);
                break;
            case RdbTypeCode.List:
                for (ulong i = CountOf(); i > 0; i--) Element(input.String(_digits).Length, statistics);
                break;
            case RdbTypeCode.Set:
                for (ulong i = CountOf(); i > 0; i--) Member(input.String(_digits), "Duplicate set members detected", statistics);
                break;
            case RdbTypeCode.SortedSet or RdbTypeCode.SortedSetText:
                for (ulong i = CountOf(); i > 0; i--) ScoredMember(typeCode, statistics);
                break;
            case RdbTypeCode.Hash or RdbTypeCode.HashWithExpiry:
                for (ulong i = CountOf(); i > 0; i--) Field(typeCode, statistics);
                break;
            case RdbTypeCode.ListQuicklist or RdbTypeCode.ListQuicklist2:
                for (ulong i = CountOf(); i > 0; i--) ListNode(typeCode, statistics);
                break;
            case RdbTypeCode.Stream or RdbTypeCode.Stream2 or RdbTypeCode.Stream3:
                _elementCount = _streams.Inspect(typeCode, statistics);
                break;
            case RdbTypeCode.Module:
                string name = ModuleTypeName.Of(input.Length());
                ModuleParts.Skip(input, name);
                _elementCount = 1;
                break;
            case RdbTypeCode.ModulePreRelease:
                throw new InvalidDataException("Pre-release module format not supported");
            default:
                Compact(typeCode, statistics);
                break;
        }

        bool mayBeEmpty = typeCode is RdbTypeCode.Stream or RdbTypeCode.Stream2 or RdbTypeCode.Stream3;
        if (_elementCount == 0 && !mayBeEmpty) throw new InvalidDataException("The value has no elements");
        statistics.EndValue(_elementCount);
    }

    public void Dispose() => _converted.Dispose();

    private ulong CountOf()
    {
        ulong count = input.Length();
        return count <= long.MaxValue && (long)count <= input.RemainingBytes
            ? count
            : throw new InvalidDataException($"Unexpected EOF reading RDB file: {count} elements are more than there are bytes");
    }

    private void Element(long sizeBytes, TypeStatistics statistics)
    {
        _elementCount++;
        statistics.AddElement(sizeBytes);
    }

    private void Member(ReadOnlySpan<byte> member, string duplicate, TypeStatistics statistics, long furtherBytes = 0)
    {
        if (!_seen.Add(member)) throw new InvalidDataException(duplicate);
        Element(member.Length + furtherBytes, statistics);
    }

    private void ScoredMember(byte typeCode, TypeStatistics statistics)
    {
        ReadOnlySpan<byte> member = input.String(_digits);
        if (!_seen.Add(member)) throw new InvalidDataException("Duplicate zset fields detected");
        long memberBytes = member.Length;
        double score = typeCode == RdbTypeCode.SortedSetText ? ScoreText.Read(input) : BitConverter.UInt64BitsToDouble(input.UInt64());
        if (double.IsNaN(score)) throw new InvalidDataException("Zset with NAN score detected");
        Element(memberBytes + TextBytes(score), statistics);
    }

    private void Field(byte typeCode, TypeStatistics statistics)
    {
        ReadOnlySpan<byte> field = input.String(_digits);
        if (!_seen.Add(field)) throw new InvalidDataException("Duplicate hash fields detected");
        long fieldBytes = field.Length;
        Element(fieldBytes + input.String(_digits).Length, statistics);
        if (typeCode == RdbTypeCode.HashWithExpiry && unchecked((long)input.UInt64()) < -1)
            throw new InvalidDataException("A field's expiry is negative");
    }

    private void ListNode(byte typeCode, TypeStatistics statistics)
    {
        const ulong Plain = 1;
        const ulong Packed = 2;
        ulong container = typeCode == RdbTypeCode.ListQuicklist ? Packed : input.Length();
        if (container is not (Plain or Packed)) throw new InvalidDataException("Quicklist integrity check failed.");
        ReadOnlySpan<byte> node = input.String(_digits);
        if (node.IsEmpty) throw new InvalidDataException("Quicklist integrity check failed.");
        if (container == Plain) Element(node.Length, statistics);
        else if (typeCode == RdbTypeCode.ListQuicklist) Converted(node, "Ziplist", isZipmap: false, Shape.Single, statistics);
        else Listpack(node, "Listpack", Shape.Single, statistics);
    }

    private void Compact(byte typeCode, TypeStatistics statistics)
    {
        ReadOnlySpan<byte> bytes = input.String(_digits);
        switch (typeCode)
        {
            case RdbTypeCode.SetIntset: Intset(bytes, statistics); break;
            case RdbTypeCode.SetListpack: Listpack(bytes, "Set listpack", Shape.Unique, statistics); break;
            case RdbTypeCode.HashListpack: Listpack(bytes, "Hash listpack", Shape.Pairs, statistics); break;
            case RdbTypeCode.SortedSetListpack: Listpack(bytes, "Zset listpack", Shape.ScoredPairs, statistics); break;
            case RdbTypeCode.HashZipmap: Converted(bytes, "Zipmap", isZipmap: true, Shape.Pairs, statistics); break;
            case RdbTypeCode.HashZiplist: Converted(bytes, "Hash ziplist", isZipmap: false, Shape.Pairs, statistics); break;
            case RdbTypeCode.SortedSetZiplist: Converted(bytes, "Zset ziplist", isZipmap: false, Shape.ScoredPairs, statistics); break;
            default: Converted(bytes, "List ziplist", isZipmap: false, Shape.Single, statistics); break;
        }
    }

    private void Intset(ReadOnlySpan<byte> bytes, TypeStatistics statistics)
    {
        CompactEncodings.CheckIntset(bytes);
        Span<byte> digits = _digits;
        for (int i = 0; i < CompactEncodings.IntsetCount(bytes); i++)
            Element(IntegerText.Format(CompactEncodings.IntsetAt(bytes, i), digits), statistics);
    }

    private void Converted(ReadOnlySpan<byte> bytes, string what, bool isZipmap, Shape shape, TypeStatistics statistics)
    {
        _converted.Start(isMap: shape is not Shape.Single);
        bool isWhole = isZipmap ? Zipmap.TryRead(bytes, _converted) : Ziplist.TryRead(bytes, _converted);
        if (!isWhole || !_converted.IsWhole) throw new InvalidDataException($"{what} integrity check failed.");
        Elements(_converted.Result, what, shape, statistics);
    }

    private unsafe void Listpack(ReadOnlySpan<byte> bytes, string what, Shape shape, TypeStatistics statistics)
    {
        CompactEncodings.CheckListpack(bytes, what);
        fixed (byte* start = bytes) Elements(new Listpack((nint)start), what, shape, statistics);
    }

    private void Elements(Listpack listpack, string what, Shape shape, TypeStatistics statistics)
    {
        string damaged = $"{what} integrity check failed.";
        Span<byte> digits = stackalloc byte[IntegerText.LengthMax];
        for (int position = listpack.First; position >= 0; position = listpack.Next(position))
        {
            ListpackElement element = listpack.At(position);
            long sizeBytes = element.TextLength;
            if (shape != Shape.Single && !_seen.Add(element.Text(digits))) throw new InvalidDataException(damaged);
            if (shape is Shape.Pairs or Shape.ScoredPairs)
            {
                position = listpack.Next(position);
                if (position < 0) throw new InvalidDataException(damaged);
                sizeBytes += listpack.At(position).TextLength;
            }

            Element(sizeBytes, statistics);
        }
    }

    private static int TextBytes(double score)
    {
        Span<char> text = stackalloc char[ScoreTextMax];
        return score.TryFormat(text, out int length, provider: System.Globalization.CultureInfo.InvariantCulture) ? length : ScoreTextMax;
    }
}
