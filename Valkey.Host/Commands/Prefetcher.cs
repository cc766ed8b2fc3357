// Fetches the memory of a batch's keys ahead: while one lookup waits for memory, the others' lines are on their way.
//
// Two passes over the batch: first the buckets, then the entries that the buckets name. Only a hint: it reads the tables
// and changes nothing.

using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Keyspace;
using Valkey.Structures;

namespace Valkey.Host.Commands;

internal sealed unsafe class Prefetcher(Server server)
{
    private const long WorthwhileKeyCount = 10_000;
    private readonly ulong[] _hashes = new ulong[RequestParser.BatchMax];

    /// <summary>Fetches for the requests that the parser has just found.</summary>
    public void Prepare(Client client, RequestParser parser, int count)
    {
        Database database = server.Databases[client.DatabaseIndex];
        if (database.Keys.Count < WorthwhileKeyCount) return;
        EntryTable<EntryTraits> keys = database.Keys;
        for (int i = 0; i < count; i++)
        {
            ref ParsedRequest request = ref parser.Batch[i];
            if (request.ArgumentCount < 2) continue;
            ArgumentSlice key = parser.Slices[request.FirstSlice + 1];
            _hashes[i] = KeyHash.Of(new ReadOnlySpan<byte>(key.Start, (int)key.Length));
            keys.Prefetch(_hashes[i]);
        }

        for (int i = 0; i < count; i++)
        {
            if (parser.Batch[i].ArgumentCount >= 2) keys.PrefetchEntry(_hashes[i]);
        }
    }
}
