// INFO memory and gc. used_memory is native memory: the dataset, buffers and tables, which maxmemory limits. The managed
// heap holds clients and settings only; it has a section of its own.

using System.Globalization;
using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Keyspace;
using Valkey.Structures;

namespace Valkey.Host.Observability;

internal sealed class MemoryInfo(Server server)
{
    private static readonly long s_systemBytes = ReadSystemMemory();

    public void Write(InfoWriter info)
    {
        long used = NativeHeap.UsedBytes;
        long resident = ReadResidentBytes();
        WriteUse(info, used, resident);
        AllocatorStatistics allocator = NativeHeap.ReadStatistics();
        info.Field("allocator_allocated", allocator.AllocatedBytes);
        info.Field("allocator_active", allocator.ActiveBytes);
        info.Field("allocator_resident", allocator.ResidentBytes);
        info.Field("allocator_muzzy", allocator.MuzzyBytes);
        WriteSize(info, "total_system_memory", s_systemBytes);
        WriteScripts(info);
        WriteSize(info, "maxmemory", server.MaxMemoryBytes);
        info.Field("maxmemory_policy", server.Options.MaxMemoryPolicy.Text);
        WriteRatio(info, "allocator_frag", allocator.ActiveBytes, allocator.AllocatedBytes);
        WriteRatio(info, "allocator_rss", allocator.ResidentBytes, allocator.ActiveBytes);
        WriteRatio(info, "rss_overhead", resident, allocator.ResidentBytes);
        WriteRatio(info, "mem_fragmentation", resident, used);
        WriteBuffers(info);
        info.Field("mem_allocator", NativeHeap.AllocatorName);
        info.Field("mem_overhead_db_hashtable_rehashing", 0);
        info.Field("active_defrag_running", 0);
        info.Field("lazyfree_pending_objects", server.LazyFree.PendingCount);
        info.Field("lazyfreed_objects", server.LazyFree.FreedCount);
    }

    /// <summary>The managed heap: what collections cost, and what they have to look at.</summary>
    public static void WriteCollector(InfoWriter info)
    {
        GCMemoryInfo last = GC.GetGCMemoryInfo(GCKind.Any);
        double longestUs = 0;
        foreach (TimeSpan pause in last.PauseDurations) longestUs = Math.Max(longestUs, pause.TotalMicroseconds);
        info.Field("gc_collections_gen0", GC.CollectionCount(0));
        info.Field("gc_collections_gen1", GC.CollectionCount(1));
        info.Field("gc_collections_gen2", GC.CollectionCount(2));
        info.Field("gc_pause_total_usec", (long)GC.GetTotalPauseDuration().TotalMicroseconds);
        info.Field("gc_pause_last_usec", (long)longestUs);
        info.Field("managed_heap_bytes", GC.GetTotalMemory(forceFullCollection: false));
        info.Field("managed_committed_bytes", last.TotalCommittedBytes);
        info.Field("total_allocated_bytes", GC.GetTotalAllocatedBytes());
    }

    private static void WriteSize(InfoWriter info, string name, long bytes)
    {
        info.Field(name, bytes);
        info.Field(name + "_human", InfoText.Human(bytes));
    }

    private static void WriteRatio(InfoWriter info, string name, long whole, long part)
    {
        info.Field(name + "_ratio", part == 0 ? 0 : (double)whole / part, 2);
        info.Field(name + "_bytes", whole - part);
    }

    private static void WritePercent(InfoWriter info, string name, double percent) =>
        info.Field(name, percent.ToString("F2", CultureInfo.InvariantCulture) + "%");

    private static void WriteScripts(InfoWriter info)
    {
        info.Field("used_memory_lua", 0);
        info.Field("used_memory_vm_eval", 0);
        info.Field("used_memory_lua_human", InfoText.Human(0));
        info.Field("used_memory_scripts_eval", 0);
        info.Field("number_of_cached_scripts", 0);
        info.Field("number_of_functions", 0);
        info.Field("number_of_libraries", 0);
        info.Field("used_memory_vm_functions", 0);
        WriteSize(info, "used_memory_vm_total", 0);
        info.Field("used_memory_functions", 0);
        WriteSize(info, "used_memory_scripts", 0);
    }

    private void WriteUse(InfoWriter info, long used, long resident)
    {
        Statistics statistics = server.Statistics;
        statistics.PeakMemoryBytes = Math.Max(statistics.PeakMemoryBytes, used);
        long startup = server.Information.StartupMemoryBytes;
        long overhead = startup + TablesBytes() + server.ClientMemory.TotalBytes + server.MemoryUses.TotalBytes;
        long dataset = Math.Max(0, used - overhead);
        WriteSize(info, "used_memory", used);
        WriteSize(info, "used_memory_rss", resident);
        WriteSize(info, "used_memory_peak", statistics.PeakMemoryBytes);
        WritePercent(info, "used_memory_peak_perc", used * 100.0 / statistics.PeakMemoryBytes);
        info.Field("used_memory_overhead", overhead);
        info.Field("used_memory_startup", startup);
        info.Field("used_memory_dataset", dataset);
        WritePercent(info, "used_memory_dataset_perc", dataset * 100.0 / Math.Max(1, used - startup));
    }

    private void WriteBuffers(InfoWriter info)
    {
        info.Field("mem_not_counted_for_evict", server.Eviction.NotCountedBytes);
        info.Field("mem_replication_backlog", 0);
        info.Field("mem_total_replication_buffers", 0);
        info.Field("mem_replicas_repl_buffer", 0);
        info.Field("mem_clients_slaves", server.ClientMemory.ReplicaBytes);
        info.Field("mem_clients_normal", server.ClientMemory.NormalBytes);
        info.Field("mem_cluster_links", 0);
        info.Field("mem_cluster_slot_import", 0);
        info.Field("mem_cluster_slot_export", 0);
        info.Field("mem_aof_buffer", server.MemoryUses.BytesOf("aof.buffer"));
    }

    private long TablesBytes()
    {
        long bytes = 0;
        foreach (Database database in server.Databases)
        {
            if (database.Keys.Count == 0) continue;
            bytes += database.Keys.MemoryBytes + database.Expires.MemoryBytes + database.ExpiringItems.MemoryBytes;
        }

        return bytes;
    }

    private static long ReadResidentBytes()
    {
        string[] pages = File.ReadAllText("/proc/self/statm").Split(' ');
        return long.Parse(pages[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
    }

    /// <summary>MemTotal of /proc/meminfo; 0 when there is none.</summary>
    private static long ReadSystemMemory()
    {
        if (!File.Exists("/proc/meminfo")) return 0;
        foreach (string line in File.ReadLines("/proc/meminfo", Encoding.ASCII))
        {
            if (!line.StartsWith("MemTotal:", StringComparison.Ordinal)) continue;
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return long.Parse(words[1], CultureInfo.InvariantCulture) * 1024;
        }

        return 0;
    }
}
