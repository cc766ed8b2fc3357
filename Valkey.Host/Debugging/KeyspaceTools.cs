// DEBUG about keys: fill a database, look into an entry, see the shape of the tables.

using System.Globalization;
using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Host.Keyspace;
using Valkey.Structures;

namespace Valkey.Host.Debugging;

internal static class KeyspaceTools
{
    private const int PaddedValueMax = 1 << 29;

    public static void AddTo(DebugTools tools)
    {
        tools.Add(new DebugTool("OBJECT", 1, 2, Object,
            "OBJECT <key> [fast]", "    Show how <key> is held in memory. With `fast`, without what takes time to find out."));
        tools.Add(new DebugTool("SDSLEN", 1, 1, SdsLen,
            "SDSLEN <key>", "    Show length and memory of <key> and of its string value."));
        tools.Add(new DebugTool("POPULATE", 1, 3, Populate,
            "POPULATE <count> [<prefix>] [<size>]",
            "    Create <count> strings <prefix>:<number>, of <size> bytes. Neither replicas nor files hear of them."));
        tools.Add(new DebugTool("SET-ACTIVE-EXPIRE", 1, 1, SetActiveExpire,
            "SET-ACTIVE-EXPIRE <0|1>", "    With 0, expired keys are found only by those who ask for them."));
        tools.Add(new DebugTool("HTSTATS", 1, 2, TableStatistics,
            "HTSTATS <dbid> [full]", "    Show the shape of the tables of a database."));
        tools.Add(new DebugTool("HTSTATS-KEY", 1, 2, KeyTableStatistics,
            "HTSTATS-KEY <key> [full]", "    The same for the table that holds the value of <key>."));
        tools.Add(new DebugTool("DICT-RESIZING", 1, 1, TableResizing,
            "DICT-RESIZING <0|1>", "    With 0, the tables of all databases neither grow nor shrink unless they have to."));
        tools.Add(new DebugTool("LISTPACK", 1, 1, context => Structure(context, "listpack"),
            "LISTPACK <key>", "    Write the listpack that holds the value of <key> to the log."));
        tools.Add(new DebugTool("QUICKLIST", 1, 2, context => Structure(context, "quicklist"),
            "QUICKLIST <key> [<0|1>]", "    Write the quicklist that holds the value of <key> to the log; with 1, its elements too."));
    }

    private static bool TryFind(HostContext context, out Entry entry)
    {
        entry = context.Database.Find(context.Argument(2));
        if (entry.IsNull) context.Reply.Error("ERR no such key"u8);
        return !entry.IsNull;
    }

    private static void Object(HostContext context)
    {
        if (!TryFind(context, out Entry entry)) return;
        DataType type = context.Server.DataTypes.Of(entry);
        StoredValue value = DataTypeRegistry.ValueOf(entry);
        AccessClock clock = context.Server.AccessClock;
        StringBuilder line = new();
        int references = ObjectCommands.ReferenceCountOf(context.Server, entry);
        line.Append(
            CultureInfo.InvariantCulture,
            $"Value at:0x{entry.Address:x} refcount:{references} encoding:{type.EncodingName(in value)}");
        bool isFast = context.ArgumentCount == 4 && context.ArgumentIs(3, "fast"u8);
        if (!isFast)
        {
            SavedLength length = new();
            type.Save(in value, length);
            line.Append(CultureInfo.InvariantCulture, $" serializedlength:{length.Bytes}");
        }

        line.Append(CultureInfo.InvariantCulture, $" lru:{entry.AccessClock} lru_seconds_idle:{clock.IdleSeconds(entry.AccessClock)}");
        line.Append(CultureInfo.InvariantCulture, $" lfu_freq:{clock.Decayed(entry.AccessClock)} lfu_access_time_minutes:{entry.AccessClock >> 8}");
        line.Append(type.DebugFacts(in value, isFast));
        context.Reply.SimpleString(Encoding.ASCII.GetBytes(line.ToString()));
    }

    private static void SdsLen(HostContext context)
    {
        if (!TryFind(context, out Entry entry)) return;
        if (context.Server.DataTypes.Of(entry).Name != "string" || (!entry.IsEmbedded && entry.Encoding == StringEncoding.Int))
        {
            context.Reply.Error("ERR Not an sds encoded string."u8);
            return;
        }

        bool isBlob = StringValue.TryGetBlob(entry, out Blob blob);
        long available = isBlob ? blob.Capacity - blob.Length : 0;
        long memory = isBlob ? (long)blob.MemoryBytes : entry.EmbeddedValue.Length;
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"key_sds_len:{entry.KeyLength}, key_sds_avail:0, key_zmalloc: {entry.MemoryBytes}, "
            + $"val_sds_len:{StringValue.Length(entry)}, val_sds_avail:{available}, val_zmalloc: {memory}");
        context.Reply.SimpleString(Encoding.ASCII.GetBytes(line));
    }

    private static void Populate(HostContext context)
    {
        if (!context.TryIntegerInRange(2, 0, long.MaxValue, out long count)) return;
        long size = 0;
        if (context.ArgumentCount == 5 && !context.TryIntegerInRange(4, 0, PaddedValueMax, out size)) return;
        DataType? type = context.Server.DataTypes.Find("string");
        if (type is null)
        {
            context.Reply.Error("ERR the string type is not loaded"u8);
            return;
        }

        string prefix = context.ArgumentCount >= 4 ? Encoding.Latin1.GetString(context.Argument(3)) : "key";
        context.Database.Keys.Reserve(context.Database.Keys.Count + count);
        for (long i = 0; i < count; i++) Fill(context, type, prefix, i, (int)size);
        context.Reply.Ok();
    }

    private static void Fill(HostContext context, DataType type, string prefix, long number, int size)
    {
        byte[] key = Encoding.Latin1.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{prefix}:{number}"));
        ulong hash = KeyHash.Of(key);
        if (!context.Server.Lookup.FindToReplace(context.Database, key, hash).IsNull) return;
        byte[] value = Encoding.Latin1.GetBytes(string.Create(CultureInfo.InvariantCulture, $"value:{number}"));
        if (size > 0) Array.Resize(ref value, size);
        Entry entry = StringValue.Create(key, type.Id, value, clock: context.Server.AccessClock.Initial);
        context.Server.Keyspace.Add(context.Database, entry, hash);
        context.Server.Keyspace.SignalModified(context.Database, key);
    }

    private static void SetActiveExpire(HostContext context)
    {
        context.Server.Expiry.IsActive = DebugTools.LooseInteger(context.Argument(2)) != 0;
        context.Reply.Ok();
    }

    private static void TableStatistics(HostContext context)
    {
        if (!context.TryInteger(2, out long index)) return;
        if (index < 0 || index >= context.Server.Databases.Length)
        {
            context.Reply.Error("ERR Out of range database"u8);
            return;
        }

        bool isFull = context.ArgumentCount >= 4 && context.ArgumentIs(3, "full"u8);
        Database database = context.Server.Databases[(int)index];
        StringBuilder text = new();
        text.Append("[Dictionary HT]\n");
        Describe(text, database.Keys.ReadStatistics(), isFull);
        text.Append("[Expires HT]\n");
        Describe(text, database.Expires.ReadStatistics(), isFull);
        context.Reply.Verbatim("txt"u8, Encoding.ASCII.GetBytes(text.ToString()));
    }

    private static void Describe(StringBuilder text, EntryTableStatistics statistics, bool isFull)
    {
        if (statistics.Count == 0)
        {
            text.Append("No stats available for empty dictionaries\n");
            return;
        }

        text.Append("Hash table 0 stats (main hash table):\n");
        text.Append(CultureInfo.InvariantCulture, $" table size: {statistics.BucketCount}\n");
        text.Append(CultureInfo.InvariantCulture, $" number of elements: {statistics.Count}\n");
        text.Append(CultureInfo.InvariantCulture, $" child buckets: {statistics.ChildBucketCount}\n");
        text.Append(CultureInfo.InvariantCulture, $" memory: {statistics.MemoryBytes}\n");
        if (!isFull) return;
        text.Append(" Chain length distribution:\n");
        for (int length = 1; length < statistics.ChainCounts.Count; length++)
        {
            long chains = statistics.ChainCounts[length];
            if (chains == 0) continue;
            double percent = 100.0 * chains / statistics.BucketCount;
            text.Append(CultureInfo.InvariantCulture, $"   {length}: {chains} ({percent:0.00}%)\n");
        }
    }

    private static void KeyTableStatistics(HostContext context)
    {
        if (TryFind(context, out Entry _))
            context.Reply.Error("ERR The value stored at the specified key is not represented using an hash table"u8);
    }

    private static void TableResizing(HostContext context)
    {
        bool isPaused = DebugTools.LooseInteger(context.Argument(2)) == 0;
        foreach (Database database in context.Server.Databases) database.Keys.ResizePaused = database.Expires.ResizePaused = isPaused;
        context.Reply.Ok();
    }

    /// <summary>Writes how a value lies in memory to the log, when it has the encoding asked for.</summary>
    private static void Structure(HostContext context, string encoding)
    {
        if (!TryFind(context, out Entry entry)) return;
        DataType type = context.Server.DataTypes.Of(entry);
        StoredValue value = DataTypeRegistry.ValueOf(entry);
        if (type.EncodingName(in value) != encoding)
        {
            context.Reply.Error($"ERR Not a {encoding} encoded object.");
            return;
        }

        bool isFull = context.ArgumentCount == 4 && DebugTools.LooseInteger(context.Argument(3)) != 0;
        foreach (string line in type.DebugStructure(in value, isFull).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            context.Server.Log.Write(LogLevel.Notice, line);
        }

        // Clients know the answer of a server that prints it.
        string name = encoding == "listpack" ? "Listpack" : "Quicklist";
        context.Reply.SimpleString(Encoding.ASCII.GetBytes($"{name} structure printed on stdout"));
    }
}
