// The server of the tests of lists: its commands, and whether one of them waits for keys.

using Valkey.Abstractions;
using Valkey.Structures;
using Valkey.TypeTests;

namespace Valkey.Lists.Tests;

internal sealed class ListServer : TypeServer
{
    public ListServer(int protocolVersion = 2, ReplyWriter? quietWriter = null)
        : base(ListType.Descriptor, protocolVersion, quietWriter)
    {
        PushCommands.Register(Commands);
        PopCommands.Register(Commands);
        BlockingPopCommands.Register(Commands);
        MoveCommands.Register(Commands);
        ReadCommands.Register(Commands);
        SearchCommand.Register(Commands);
        EditCommands.Register(Commands);
        SortCommands.UseTypes(new NoOtherTypes());
        SortCommands.Register(Commands);
    }

    /// <summary>Whether the command waits for keys.</summary>
    public BlockingWait? Waiting { get; private set; }

    /// <summary>The elements in order.</summary>
    public List<string> Elements(string key)
    {
        List<string> elements = [];
        KeyEntry entry = LookupRead(Bytes(key));
        if (!entry.Exists) return elements;
        ListCursor cursor = new ListValue(entry).CursorAt(0, reversed: false);
        while (cursor.MoveNext()) elements.Add(Name(cursor.Current.Text(new byte[IntegerText.LengthMax])));
        cursor.Dispose();
        return elements;
    }

    public override void BlockOnKeys(BlockingWait wait) => Waiting = wait;

    public override bool TryTimeout(int index, out long timeoutMs)
    {
        if (!TryInteger(index, out timeoutMs)) return false;
        timeoutMs *= 1000;
        return true;
    }

    protected override void Forget() => Waiting = null;

    private sealed class NoOtherTypes : IDataTypeRegistry
    {
        public IEnumerable<DataType> All => [];

        public void Add(DataType type) => throw new NotSupportedException();

        public DataType? Find(string name) => null;
    }
}
