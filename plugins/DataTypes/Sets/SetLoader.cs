// Reads sets back from the RDB format. The bytes may come from anybody (RESTORE): what is not a set is refused, and what is
// taken is safe to work on. Members that are there twice are refused where they are found: always in type 2 and when a compact
// set becomes a table, in other compact sets when payloads are sanitized.

using System.Diagnostics.CodeAnalysis;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Sets;

internal static class SetLoader
{
    /// <summary>The set; one that does not exist when it turned out to be empty.</summary>
    /// <exception cref="InvalidDataException">The bytes are no set.</exception>
    public static SetValue Load(IValueReader reader) => reader.TypeCode switch
    {
        SetType.MembersTypeCode => LoadMembers(reader),
        SetType.IntsetTypeCode => LoadIntset(reader),
        SetType.ListpackTypeCode => LoadListpack(reader),
        _ => throw new InvalidDataException($"Type code {reader.TypeCode} is not one of the set type."),
    };

    private static SetValue LoadMembers(IValueReader reader)
    {
        ulong count = reader.Length();
        if (count == 0) return default;

        SetValue set = count <= (ulong)SetOptions.IntsetEntriesMax ? SetValue.CreateIntset() : SetValue.CreateTable();
        try
        {
            for (ulong i = 0; i < count; i++)
            {
                if (!set.Add(reader.String())) ThrowDuplicate();
            }
        }
        catch
        {
            set.Free();
            throw;
        }

        return set;
    }

    private static SetValue LoadIntset(IValueReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.String();
        if (!Intset.IsValid(bytes, reader.IsSanitizing)) throw new InvalidDataException("Intset integrity check failed.");

        SetValue set = SetValue.From(Intset.From(bytes));
        if (set.Count > SetOptions.ConfiguredIntsetEntriesMax) ConvertToTable(ref set);
        return set;
    }

    private static SetValue LoadListpack(IValueReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.String();
        if (!Listpack.IsValid(bytes, everyElement: true)) throw new InvalidDataException("Set listpack integrity check failed.");

        SetValue set = SetValue.From(Listpack.From(bytes));
        if (set.Count == 0)
        {
            set.Free();
            return default;
        }

        if (reader.IsSanitizing) RefuseDuplicates(set);
        if (set.Count > SetOptions.ListpackEntriesMax) ConvertToTable(ref set);
        return set;
    }

    private static void RefuseDuplicates(SetValue set)
    {
        SetValue probe = set.Copy();
        bool isUnique = probe.TryConvertToTable();
        probe.Free();
        if (isUnique) return;

        set.Free();
        ThrowDuplicate();
    }

    private static void ConvertToTable(ref SetValue set)
    {
        if (set.TryConvertToTable()) return;

        set.Free();
        ThrowDuplicate();
    }

    [DoesNotReturn]
    private static void ThrowDuplicate() => throw new InvalidDataException("Duplicate set members detected.");
}
