// SORT and SORT_RO: the elements of a collection, ordered by themselves or by what keys made of them hold, then replied or
// stored as a list, themselves or what other such keys hold.
// Runs on the command thread. The elements are copied into native memory first; nothing managed is allocated for them.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Lists;

internal static partial class SortCommands
{
    private const string NotANumber = "ERR One or more scores can't be converted into double";

    private static readonly SortVector s_vector = new();
    private static readonly Collector s_collector = new(s_vector);

    private static SortTypes s_types = null!;

    /// <summary>Remembers where types are found.</summary>
    public static void UseTypes(IDataTypeRegistry registry) => s_types = new SortTypes(registry);

    /// <summary>SORT key [BY pattern] [LIMIT offset count] [GET pattern ...] [ASC|DESC] [ALPHA] [STORE destination].</summary>
    /// <remarks>Errors: WRONGTYPE, syntax, elements that are no numbers. Source: https://valkey.io/commands/sort/</remarks>
    [Command("sort", KeyFinder = nameof(FindKeys))]
    public static void Sort(CommandContext ctx) => Run(ctx, canStore: true);

    /// <summary>SORT_RO key [BY pattern] [LIMIT offset count] [GET pattern ...] [ASC|DESC] [ALPHA].</summary>
    /// <remarks>Errors: as SORT. Source: https://valkey.io/commands/sort_ro/</remarks>
    [Command("sort_ro", KeyFinder = nameof(FindKeysReadOnly))]
    public static void SortRo(CommandContext ctx) => Run(ctx, canStore: false);

    /// <summary>Finds the keys of SORT.</summary>
    public static bool FindKeys(CommandArguments arguments, KeyCollector keys) => SortArguments.FindKeys(arguments, keys);

    /// <summary>Finds the key of SORT_RO.</summary>
    public static bool FindKeysReadOnly(CommandArguments arguments, KeyCollector keys) =>
        SortArguments.FindKeysReadOnly(arguments, keys);

    private static void Run(CommandContext ctx, bool canStore)
    {
        if (!SortArguments.TryParse(ctx, canStore, out SortArguments sort)) return;

        KeyEntry handle = ctx.LookupRead(ctx.Argument(1));
        DataType? type = handle.Exists ? ctx.TypeOf(handle) : null;
        if (type is not null and not ICollectionType)
        {
            ctx.Reply.Error("WRONGTYPE Operation against a key holding the wrong kind of value"u8);
            return;
        }

        try
        {
            Run(ctx, ref sort, handle, type as ICollectionType);
        }
        finally
        {
            s_vector.Dispose();
        }
    }

    private static void Run(CommandContext ctx, ref SortArguments sort, KeyEntry handle, ICollectionType? type)
    {
        // The order of a set is nobody's: what is stored must be the same everywhere, so it is sorted after all.
        if (sort.KeepsOrder && sort.StoreIndex > 0 && type?.Kind == CollectionKind.Set)
        {
            sort.KeepsOrder = false;
            sort.Alpha = true;
            sort.ByIndex = 0;
        }

        long length = handle.Exists ? ctx.TypeOf(handle).ElementCount(ctx.ValueOf(handle)) : 0;
        (long start, long count) = Limit(sort, length);
        if (type is not null) start = Collect(ctx, sort, handle, type, start, count);
        if (!sort.KeepsOrder && !TrySort(ctx, sort))
        {
            ctx.Reply.Error(NotANumber);
            return;
        }

        Span<SortItem> wanted = s_vector.Items.Slice((int)start, (int)count);
        if (sort.StoreIndex > 0) Store(ctx, sort, wanted);
        else Reply(ctx, sort, wanted);
    }

    /// <summary>The part of the elements that LIMIT asks for, cut to what there is.</summary>
    private static (long Start, long Count) Limit(in SortArguments sort, long length)
    {
        long start = Math.Clamp(sort.LimitStart, 0, length);
        long left = length - start;
        return (start, sort.LimitCount < 0 ? left : Math.Min(sort.LimitCount, left));
    }

    /// <summary>Fills the vector; of an ordered collection that stays in order, with the wanted part only.</summary>
    /// <returns>Where the wanted part begins in the vector.</returns>
    private static long Collect(
        CommandContext ctx, in SortArguments sort, KeyEntry handle, ICollectionType type, long start, long count)
    {
        s_collector.Left = long.MaxValue;
        if (!sort.KeepsOrder || type.Kind == CollectionKind.Set)
        {
            type.ForEach(ctx.ValueOf(handle), s_collector);
            return start;
        }

        s_collector.Left = count;
        if (count > 0) type.ForEachFrom(ctx.ValueOf(handle), start, sort.Descending, s_collector);
        return 0;
    }

    /// <summary>Finds out what each element is compared by and sorts. False when something is no number.</summary>
    private static bool TrySort(CommandContext ctx, in SortArguments sort)
    {
        bool isValid = true;
        if (sort.ByIndex > 0) isValid = TryReadWeights(ctx, sort);
        else if (!sort.Alpha) isValid = TryReadNumbers();

        // What is stored must not depend on the locale: replicas may have another one.
        bool byLocale = sort.StoreIndex == 0;
        if (!sort.Alpha) s_vector.SortByNumber(sort.Descending);
        else if (sort.ByIndex > 0) s_vector.SortByKey(sort.Descending, byLocale);
        else s_vector.SortByText(sort.Descending, byLocale);
        return isValid;
    }

    private static bool TryReadNumbers()
    {
        bool isValid = true;
        foreach (ref SortItem item in s_vector.Items) isValid &= SortNumber.TryParse(s_vector.ElementOf(item), out item.Number);
        return isValid;
    }

    private static bool TryReadWeights(CommandContext ctx, in SortArguments sort)
    {
        bool isValid = true;
        SortPattern pattern = new(ctx.Argument(sort.ByIndex));
        SortLookup lookup = new(ctx, s_types);
        foreach (ref SortItem item in s_vector.Items)
        {
            ReadOnlySpan<byte> element = s_vector.ElementOf(item);
            if (!lookup.TryResolve(pattern, element, out ReadOnlySpan<byte> weight)) continue;

            if (sort.Alpha) s_vector.SetKey(ref item, weight);
            else isValid &= SortNumber.TryParse(weight, out item.Number);
        }

        lookup.Dispose();
        return isValid;
    }

    private static void Reply(CommandContext ctx, in SortArguments sort, ReadOnlySpan<SortItem> wanted)
    {
        ctx.Reply.ArrayHeader((long)wanted.Length * Math.Max(sort.GetCount, 1));
        SortLookup lookup = new(ctx, s_types);
        foreach (ref readonly SortItem item in wanted)
        {
            ReadOnlySpan<byte> element = s_vector.ElementOf(item);
            if (sort.GetCount == 0) ctx.Reply.Bulk(element);

            for (int i = SortArguments.NextGet(ctx, 0); i > 0; i = SortArguments.NextGet(ctx, i))
            {
                SortPattern pattern = new(ctx.Argument(i));
                if (lookup.TryResolve(pattern, element, out ReadOnlySpan<byte> value))
                    ctx.Reply.Bulk(value);
                else
                    ctx.Reply.Null();
            }
        }

        lookup.Dispose();
    }

    private static void Store(CommandContext ctx, in SortArguments sort, ReadOnlySpan<SortItem> wanted)
    {
        ReadOnlySpan<byte> key = ctx.Argument(sort.StoreIndex);
        long count = (long)wanted.Length * Math.Max(sort.GetCount, 1);
        if (count > 0)
        {
            StoreList(ctx, key, MakeList(ctx, sort, wanted));
            ctx.SignalModified(key, count);
            ctx.Notify(KeyspaceEvent.List, "sortstore"u8, key);
        }
        else if (ctx.Delete(key))
        {
            ctx.SignalModified(key);
            ctx.Notify(KeyspaceEvent.Generic, "del"u8, key);
        }

        ctx.Reply.Integer(count);
    }

    private static Quicklist MakeList(CommandContext ctx, in SortArguments sort, ReadOnlySpan<SortItem> wanted)
    {
        Quicklist list = Quicklist.Create(ListOptions.Fill, ListOptions.CompressDepth);
        SortLookup lookup = new(ctx, s_types);
        foreach (ref readonly SortItem item in wanted)
        {
            ReadOnlySpan<byte> element = s_vector.ElementOf(item);
            if (sort.GetCount == 0) list.PushLast(element);

            for (int i = SortArguments.NextGet(ctx, 0); i > 0; i = SortArguments.NextGet(ctx, i))
            {
                SortPattern pattern = new(ctx.Argument(i));
                lookup.TryResolve(pattern, element, out ReadOnlySpan<byte> value);
                list.PushLast(value); // nothing there is stored as the empty string
            }
        }

        lookup.Dispose();
        return list;
    }

    private static void StoreList(CommandContext ctx, ReadOnlySpan<byte> key, Quicklist list)
    {
        LooseList stored = LooseList.From(list);
        ctx.SetValue(key, ListType.Descriptor, stored.Encoding, stored.Address);
    }

    /// <summary>Copies what it is shown, up to a number of elements, into the vector.</summary>
    private sealed class Collector(SortVector vector) : IElementVisitor
    {
        public long Left { get; set; }

        public bool Visit(ReadOnlySpan<byte> element, double score)
        {
            vector.Add(element);
            return --Left > 0;
        }
    }
}
