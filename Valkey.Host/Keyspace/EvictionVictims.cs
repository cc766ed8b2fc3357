// Chooses the next key to evict: at random, or the best of the candidates that samples from all databases have shown.
// Holds always: what is chosen is in its table at that moment.

using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal sealed class EvictionVictims(Server server, EvictionPool pool)
{
    private const int SamplesMax = 64;

    private ulong _random = 0x2545F4914F6CDD1D;
    private int _nextDatabase;

    /// <summary>The next victim; false when no key may go.</summary>
    public bool TryChoose(EvictionPolicy policy, out Database database, out Entry victim) =>
        policy.IsRandom() ? TryDraw(policy, out database, out victim) : TryChooseBest(policy, out database, out victim);

    private static EntryTable<EntryTraits> TableOf(Database database, EvictionPolicy policy) =>
        policy.IsVolatile() ? database.Expires : database.Keys;

    /// <summary>A key of the next database that has one.</summary>
    private bool TryDraw(EvictionPolicy policy, out Database database, out Entry victim)
    {
        for (int i = 0; i < server.Databases.Length; i++)
        {
            _nextDatabase = (_nextDatabase + 1) % server.Databases.Length;
            database = server.Databases[_nextDatabase];
            victim = new Entry(TableOf(database, policy).Random(ref _random));
            if (!victim.IsNull) return true;
        }

        database = null!;
        victim = default;
        return false;
    }

    private bool TryChooseBest(EvictionPolicy policy, out Database database, out Entry victim)
    {
        while (Sample(policy))
        {
            while (pool.TryTakeBest(out int databaseIndex, out ReadOnlySpan<byte> key))
            {
                database = server.Databases[databaseIndex];
                victim = new Entry(TableOf(database, policy).Find(key, KeyHash.Of(key)));
                if (!victim.IsNull) return true; // otherwise it is gone since it was sampled
            }
        }

        database = null!;
        victim = default;
        return false;
    }

    /// <summary>Offers some keys of every database to the pool; false when there is none at all.</summary>
    private bool Sample(EvictionPolicy policy)
    {
        bool isAnyThere = false;
        Span<nint> samples = stackalloc nint[SamplesMax];
        samples = samples[..(int)server.Options.MaxMemorySamples.Value];
        foreach (Database database in server.Databases)
        {
            EntryTable<EntryTraits> table = TableOf(database, policy);
            if (table.Count == 0) continue;
            isAnyThere = true;
            int count = table.Sample(samples, ref _random);
            foreach (nint address in samples[..count])
            {
                Entry entry = new(address);
                pool.Offer(policy.ScoreOf(entry, server.AccessClock), database.Index, entry.Key);
            }
        }

        return isAnyThere;
    }
}
