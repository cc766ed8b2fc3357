// A list in the RDB format.
//
//   18   [nodes] then of each: [1 plain, 2 listpack] [string: the element, or the listpack's bytes]
//    1   [elements] then each as a string
// Saving changes nothing and allocates nothing managed: it also runs on a snapshot thread and in a forked child.
// Holds always: a listpack from outside is accepted only after a walk over all of its elements, whatever
// sanitize-dump-payload says: that walk is what makes later ones safe.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Lists;

internal static class ListFile
{
    private const byte ElementsTypeCode = 1;
    private const byte NodesTypeCode = 18;

    private const ulong PlainNode = 1;
    private const ulong PackedNode = 2;

    public static bool IsTypeCode(byte typeCode) => typeCode is ElementsTypeCode or NodesTypeCode;

    public static void Save(in StoredValue value, IValueWriter writer)
    {
        writer.TypeCode(NodesTypeCode);
        if (value.Encoding == ListEncoding.Listpack)
        {
            SaveListpack(ListType.ListpackOf(value), writer);
            return;
        }

        if (value.Encoding == ListEncoding.Parts)
        {
            Listpack joined = ListType.QuicklistOf(value).Join();
            SaveListpack(joined, writer);
            joined.Free();
            return;
        }

        Quicklist list = ListType.QuicklistOf(value);
        writer.Length((ulong)list.NodeCount);
        NativeBuffer scratch = default;
        for (int i = 0; i < list.NodeCount; i++)
        {
            ReadOnlySpan<byte> content = list.ReadNode(i, ref scratch, out bool isPlain);
            writer.Length(isPlain ? PlainNode : PackedNode);
            writer.String(content);
        }

        scratch.Dispose();
    }

    private static void SaveListpack(Listpack listpack, IValueWriter writer)
    {
        writer.Length(1);
        writer.Length(PackedNode);
        writer.String(listpack.Bytes);
    }

    /// <exception cref="InvalidDataException">The bytes are not a list.</exception>
    public static KeyEntry Load(ReadOnlySpan<byte> key, IValueReader reader, IEntryFactory factory)
    {
        Quicklist list = Quicklist.Create(ListOptions.Fill, ListOptions.CompressDepth);
        try
        {
            if (reader.TypeCode == ElementsTypeCode) LoadElements(list, reader);
            else if (reader.TypeCode == NodesTypeCode) LoadNodes(list, reader);
            else throw new InvalidDataException($"Type code {reader.TypeCode} is not one of the list type.");
        }
        catch
        {
            list.Free();
            throw;
        }

        if (list.Count == 0)
        {
            list.Free();
            return default;
        }

        LooseList loaded = LooseList.From(list);
        return factory.Create(key, ListType.Descriptor, loaded.Encoding, loaded.Address);
    }

    private static void LoadElements(Quicklist list, IValueReader reader)
    {
        for (ulong count = reader.Length(); count > 0; count--) list.PushLast(reader.String());
    }

    private static void LoadNodes(Quicklist list, IValueReader reader)
    {
        for (ulong count = reader.Length(); count > 0; count--)
        {
            ulong kind = reader.Length();
            if (kind is not PlainNode and not PackedNode) throw new InvalidDataException("Quicklist integrity check failed.");

            ReadOnlySpan<byte> content = reader.String();
            if (content.IsEmpty) throw new InvalidDataException("Quicklist node is empty.");

            if (kind == PlainNode)
            {
                list.AddPlain(content);
                continue;
            }

            if (!Listpack.IsValid(content, everyElement: true)) throw new InvalidDataException("Listpack integrity check failed.");
            list.AddPacked(Listpack.From(content)); // an empty one is dropped
        }
    }
}
