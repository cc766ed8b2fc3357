// The BY and GET patterns of SORT: the first star is replaced by the element, and what results is a key, or with an arrow
// behind the star a key and a field of the hash that it holds. "#" is the element itself.
//
// The key is put together in a buffer of ours, and is looked up as such (LookupFlags.BuiltKey).
// Source: https://valkey.io/commands/sort/

using System.Runtime.InteropServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Lists;

internal readonly ref struct SortPattern
{
    private readonly ReadOnlySpan<byte> _prefix;
    private readonly ReadOnlySpan<byte> _suffix;

    public SortPattern(ReadOnlySpan<byte> pattern)
    {
        IsElement = pattern.SequenceEqual("#"u8);
        int star = pattern.IndexOf((byte)'*');
        HasStar = star >= 0;
        if (!HasStar) return;

        _prefix = pattern[..star];
        _suffix = pattern[(star + 1)..];
        int arrow = _suffix.IndexOf("->"u8);
        if (arrow < 0 || arrow + 2 == _suffix.Length) return;

        Field = _suffix[(arrow + 2)..];
        _suffix = _suffix[..arrow];
    }

    /// <summary>Whether it stands for the element itself.</summary>
    public bool IsElement { get; }

    /// <summary>Whether it leads anywhere: a fixed key makes no sense.</summary>
    public bool HasStar { get; }

    /// <summary>The field of a hash; empty when the key's own value is meant.</summary>
    public ReadOnlySpan<byte> Field { get; }

    /// <summary>The key that an element leads to.</summary>
    public ReadOnlySpan<byte> KeyOf(scoped ReadOnlySpan<byte> element, scoped ref NativeBuffer buffer)
    {
        Span<byte> key = buffer.Take(_prefix.Length + element.Length + _suffix.Length);
        _prefix.CopyTo(key);
        element.CopyTo(key[_prefix.Length..]);
        _suffix.CopyTo(key[(_prefix.Length + element.Length)..]);
        return key;
    }
}

/// <summary>Follows patterns. Dispose of it.</summary>
internal ref struct SortLookup(CommandContext ctx, SortTypes types)
{
    private readonly CommandContext _ctx = ctx;
    private readonly SortTypes _types = types;
    private NativeBuffer _key;
    private NativeBuffer _text;

    /// <summary>The value that a pattern leads to from an element, valid until the next call. False when there is none.</summary>
    public bool TryResolve(in SortPattern pattern, ReadOnlySpan<byte> element, out ReadOnlySpan<byte> value)
    {
        value = pattern.IsElement ? element : default;
        if (pattern.IsElement) return true;
        if (!pattern.HasStar) return false;

        KeyEntry handle = _ctx.LookupRead(pattern.KeyOf(element, ref _key), LookupFlags.BuiltKey);
        if (!handle.Exists) return false;
        if (!pattern.Field.IsEmpty) return TryReadField(handle, pattern.Field, out value);

        Entry entry = new(handle.Address);
        if (!_types.IsString(entry.TypeId)) return false;
        value = StringValue.Read(entry, _text.Take(StringValue.ScratchBytes));
        return true;
    }

    /// <summary>Gives the buffers back.</summary>
    public void Dispose()
    {
        _key.Dispose();
        _text.Dispose();
    }

    private readonly bool TryReadField(KeyEntry handle, scoped ReadOnlySpan<byte> field, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (_ctx.TypeOf(handle) is not IFieldType hash) return false;

        StoredValue stored = _ctx.ValueOf(handle);
        if (!hash.TryGetField(stored, field, _ctx.NowUnixMs, out ReadOnlySpan<byte> found)) return false;

        // What was found lies in the hash's memory, not in the view of it that the compiler ties it to.
        value = MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetReference(found), found.Length);
        return true;
    }
}

/// <summary>The types that SORT looks for behind patterns.</summary>
internal sealed class SortTypes(IDataTypeRegistry registry)
{
    private DataType? _string;

    /// <summary>Whether this is the id of the string type, which may be loaded after us.</summary>
    public bool IsString(byte typeId)
    {
        _string ??= registry.Find("string");
        return _string is not null && _string.Id == typeId;
    }
}
