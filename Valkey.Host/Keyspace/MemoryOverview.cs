// Where the memory is: a picture taken at one moment, for MEMORY STATS and MEMORY DOCTOR.
// "Overhead" is everything that is not keys and values: what the server took at its start, tables, clients, plugins' buffers.

using System.Globalization;
using System.Text;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal sealed class MemoryOverview
{
    private const long TinyBytes = 5 * 1024 * 1024;
    private const double PeakRatioBad = 1.5;
    private const double FragmentationBad = 1.4;
    private const double AllocatorFragmentationBad = 1.1;
    private const long ClientBytesBad = 200 * 1024;

    private readonly List<(int Index, long MainBytes, long ExpiresBytes)> _databases = [];
    private AllocatorStatistics _allocator;
    private long _peakBytes, _usedBytes, _startUpBytes, _clientBytes, _replicaBytes, _clientCount, _keyCount, _residentBytes;
    private long _logBufferBytes, _otherUseBytes;

    private long TableBytes { get; set; }

    private long OverheadBytes => _startUpBytes + _clientBytes + _replicaBytes + _logBufferBytes + _otherUseBytes + TableBytes;

    private long DatasetBytes => Math.Max(0, _usedBytes - OverheadBytes);

    private long NetBytes => Math.Max(1, _usedBytes - _startUpBytes);

    /// <summary>Looks at everything.</summary>
    public static MemoryOverview Take(Server server)
    {
        MemoryOverview overview = new()
        {
            _usedBytes = NativeHeap.UsedBytes,
            _startUpBytes = server.Information.StartupMemoryBytes,
            _clientBytes = server.ClientMemory.NormalBytes,
            _replicaBytes = server.ClientMemory.ReplicaBytes,
            _clientCount = server.Clients.Count,
            _allocator = NativeHeap.ReadStatistics(),
            _residentBytes = Environment.WorkingSet,
            _logBufferBytes = server.MemoryUses.BytesOf("aof.buffer"),
        };
        overview._otherUseBytes = server.MemoryUses.TotalBytes - overview._logBufferBytes;
        overview._peakBytes = Math.Max(server.Statistics.PeakMemoryBytes, overview._usedBytes);
        foreach (Database database in server.Databases)
        {
            overview._keyCount += database.Keys.Count;
            if (!database.IsInUse) continue;
            overview._databases.Add((database.Index, database.Keys.MemoryBytes, database.Expires.MemoryBytes));
            overview.TableBytes += database.Keys.MemoryBytes + database.Expires.MemoryBytes + database.ExpiringItems.MemoryBytes;
        }

        return overview;
    }

    /// <summary>Writes all figures under the names that clients know.</summary>
    public void WriteTo(PairWriter writer, ref long pairs)
    {
        long before = writer.Count;
        writer.Number("peak.allocated", _peakBytes);
        writer.Number("total.allocated", _usedBytes);
        writer.Number("startup.allocated", _startUpBytes);
        writer.Number("replication.backlog", 0);
        writer.Number("clients.slaves", _replicaBytes);
        writer.Number("clients.normal", _clientBytes);
        writer.Number("cluster.links", 0);
        writer.Number("aof.buffer", _logBufferBytes);
        writer.Number("lua.caches", 0);
        writer.Number("functions.caches", 0);
        foreach ((int index, long mainBytes, long expiresBytes) in _databases) writer.Database(index, mainBytes, expiresBytes);
        writer.Number("overhead.db.hashtable.lut", TableBytes);
        writer.Number("overhead.db.hashtable.rehashing", 0);
        writer.Number("overhead.total", OverheadBytes);
        writer.Number("db.dict.rehashing.count", 0);
        writer.Number("keys.count", _keyCount);
        writer.Number("keys.bytes-per-key", _keyCount > 0 ? NetBytes / _keyCount : 0);
        writer.Number("dataset.bytes", DatasetBytes);
        writer.Ratio("dataset.percentage", 100.0 * DatasetBytes / NetBytes);
        writer.Ratio("peak.percentage", 100.0 * _usedBytes / _peakBytes);
        WriteAllocator(writer);
        pairs += writer.Count - before;
    }

    /// <summary>A report in words.</summary>
    public string Diagnose()
    {
        if (_usedBytes < TinyBytes)
            return "This server holds next to nothing, so there is nothing to be said about its memory. "
                + "Ask again once it is filled.\n";

        StringBuilder report = new();
        if ((double)_peakBytes / _usedBytes > PeakRatioBad)
            Complain(report, "Peak memory", $"Once {_peakBytes} bytes were in use, much more than now. Pages of that time may be kept; MEMORY PURGE gives them back.");
        if ((double)_residentBytes / _usedBytes > FragmentationBad)
            Complain(report, "High total RSS", $"The process holds {_residentBytes} bytes of real memory for {_usedBytes} bytes in use.");
        if (_allocator.AllocatedBytes > 0 && (double)_allocator.ActiveBytes / _allocator.AllocatedBytes > AllocatorFragmentationBad)
            Complain(report, "High allocator fragmentation", "Pages are only partly used. A restart, or active defragmentation, heals it.");
        if (_clientCount > 0 && _clientBytes / _clientCount > ClientBytesBad)
            Complain(report, "Big client buffers", "Clients take more than 200 KB each on average. Look for slow readers in CLIENT LIST.");
        return report.Length == 0
            ? "No memory problem was found.\n"
            : "Something about the memory deserves a look:\n\n" + report;
    }

    private void WriteAllocator(PairWriter writer)
    {
        long allocated = Math.Max(1, _allocator.AllocatedBytes), active = Math.Max(1, _allocator.ActiveBytes);
        long resident = Math.Max(1, _allocator.ResidentBytes);
        writer.Number("allocator.allocated", allocated);
        writer.Number("allocator.active", active);
        writer.Number("allocator.resident", resident);
        writer.Number("allocator.muzzy", _allocator.MuzzyBytes);
        writer.Ratio("allocator-fragmentation.ratio", (double)active / allocated);
        writer.Number("allocator-fragmentation.bytes", active - allocated);
        writer.Ratio("allocator-rss.ratio", (double)resident / active);
        writer.Number("allocator-rss.bytes", resident - active);
        writer.Ratio("rss-overhead.ratio", (double)_residentBytes / resident);
        writer.Number("rss-overhead.bytes", _residentBytes - resident);
        writer.Ratio("fragmentation", (double)_residentBytes / _usedBytes);
        writer.Number("fragmentation.bytes", _residentBytes - _usedBytes);
    }

    private static void Complain(StringBuilder report, string title, string text) =>
        report.Append(CultureInfo.InvariantCulture, $" * {title}: {text}\n\n");

    /// <summary>Names and values of a reply map, counted.</summary>
    public sealed class PairWriter(ReplyWriter reply)
    {
        public long Count { get; private set; }

        public void Number(string name, long value)
        {
            Name(name);
            reply.Integer(value);
        }

        public void Ratio(string name, double value)
        {
            Name(name);
            reply.Double(value);
        }

        public void Database(int index, long mainBytes, long expiresBytes)
        {
            Name(string.Create(CultureInfo.InvariantCulture, $"db.{index}"));
            reply.MapHeader(2);
            reply.Bulk("overhead.hashtable.main"u8);
            reply.Integer(mainBytes);
            reply.Bulk("overhead.hashtable.expires"u8);
            reply.Integer(expiresBytes);
        }

        private void Name(string name)
        {
            Count++;
            reply.Bulk(name);
        }
    }
}
