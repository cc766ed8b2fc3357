// All clients: how they come, how their bytes go in and out, how they end.
//
// Reading goes into one buffer that all clients share; only what is incomplete is kept per client. Replies are written
// before the loop sleeps, so that a pipeline's replies leave together.
// Holds always: a client that is freed is in no list any more, and its descriptor is not watched.

using Valkey.Abstractions;
using Valkey.Host.Loop;
using Valkey.Structures;

namespace Valkey.Host.Clients;

internal sealed unsafe class ClientTable
{
    private const int SharedReadBytes = 64 * 1024;
    private const int WriteMaxBytesPerTurn = 1024 * 1024;

    private readonly Server _server;
    private readonly Dictionary<long, Client> _byId = [];
    private readonly byte* _shared;
    private readonly RequestParser _parser = new();
    private readonly Queue<Client> _toFree = new();
    private readonly List<Client> _pendingReads = [];
    private List<Client> _pendingWrites = [];
    private List<Client> _writing = [];
    private Client[] _all = new Client[64];
    private long _nextId = 1;

    public ClientTable(Server server)
    {
        _server = server;
        _shared = (byte*)NativeHeap.Allocate(SharedReadBytes);
    }

    /// <summary>Number of clients with a connection.</summary>
    public int Count { get; private set; }

    /// <summary>All of them, in no order.</summary>
    public ReadOnlySpan<Client> All => _all.AsSpan(0, Count);

    /// <summary>The parser, for limits that change.</summary>
    public RequestParser Parser => _parser;

    public Client? Find(long id) => _byId.GetValueOrDefault(id);

    /// <summary>A client of the server's own, without a connection.</summary>
    public Client CreateInternal() => new(_nextId++, null) { CreatedAtUnixMs = _server.Clock.UnixMs };

    /// <summary>Takes over a connection that was accepted, or refuses it with an error.</summary>
    public void Accept(TransportConnection connection)
    {
        _server.Statistics.ConnectionsReceived++;
        string? refusal = Refusal(connection);
        if (refusal is not null)
        {
            _server.Statistics.ConnectionsRejected++;
            _ = connection.Write(System.Text.Encoding.UTF8.GetBytes(refusal));
            connection.Close();
            return;
        }

        Client client = new(_nextId++, connection)
        {
            CreatedAtUnixMs = _server.Clock.UnixMs,
            LastInteractionUnixMs = _server.Clock.UnixMs,
            ProtocolVersion = (int)_server.Options.ClientDefaultResp.Value,
        };
        client.Handler = new ClientReadiness(this, client);
        client.Set(ClientFlags.Authenticated, !_server.IsPasswordSet);
        if (Count == _all.Length) Array.Resize(ref _all, _all.Length * 2);
        client.TableIndex = Count;
        _all[Count++] = client;
        _byId.Add(client.Id, client);
        _server.Loop.Add(connection.Descriptor, client.Handler, readable: true, writable: false);
        if (_server.Log.IsEnabled(LogLevel.Verbose)) _server.Log.Write(LogLevel.Verbose, $"Accepted {connection.RemoteAddress}");
    }

    /// <summary>The client's output grew: it is sent before the loop sleeps.</summary>
    public void NoteOutput(Client client)
    {
        if (client.Output.IsEmpty) return;
        if (!client.Has(ClientFlags.PendingWrite) && client.Connection is not null)
        {
            client.Set(ClientFlags.PendingWrite);
            _pendingWrites.Add(client);
        }

        if (client.Output.ListLength > 0) _server.OutputLimits.Check(client, asynchronously: true);
    }

    /// <summary>Ends a client now. Not for the one whose command runs: see <see cref="FreeLater"/>.</summary>
    public void Free(Client client)
    {
        if (client.IsClosed) return;
        if (client.Has(ClientFlags.Executing))
        {
            client.Set(ClientFlags.CloseAfterCommand);
            FreeLater(client);
            return;
        }

        client.Set(ClientFlags.Closed);
        client.Blocked?.OnEnded(client);
        client.Blocked = null;
        _server.Watching.UnwatchAll(client);
        client.Transaction.Reset();
        _server.Monitors.Remove(client);
        _server.Pause.Forget(client);
        if (client.Has(ClientFlags.PendingWrite)) _pendingWrites.Remove(client);
        client.Query.Free();
        client.Output.Free();
        _server.ClientMemory.Forget(client);
        Unlink(client);
    }

    /// <summary>Ends a client before the loop sleeps.</summary>
    public void FreeLater(Client client)
    {
        if (client.IsClosed || client.Has(ClientFlags.CloseAsap)) return;
        client.Set(ClientFlags.CloseAsap);
        _toFree.Enqueue(client);
    }

    /// <summary>Goes on with the requests of a client that had to wait.</summary>
    public void Resume(Client client)
    {
        if (!client.IsClosed && !client.Has(ClientFlags.ResumePending))
        {
            client.Set(ClientFlags.ResumePending);
            _pendingReads.Add(client);
        }
    }

    /// <summary>Frees, resumes and writes what is due. True when work is left.</summary>
    public bool BeforeSleep()
    {
        ResumeWaiting();
        FreeQueued();
        WritePending();
        FreeQueued();
        return _pendingReads.Count > 0;
    }

    /// <summary>Reads what came and executes it.</summary>
    public void OnReadable(Client client)
    {
        if (client.Has(ClientFlags.CloseAsap)) return;
        int count = client.Query.IsAllocated ? ReadPrivately(client) : client.Connection!.Read(new Span<byte>(_shared, SharedReadBytes));
        if (count == TransportResult.WouldBlock) return;
        if (count <= 0)
        {
            LogClosed(client, count);
            Free(client);
            return;
        }

        client.LastInteractionUnixMs = _server.Clock.UnixMs;
        client.NetInputBytes += count;
        _server.Statistics.NetInputBytes += count;
        _server.Statistics.ReadsProcessed++;
        if (client.Query.IsAllocated)
        {
            client.Query.Advance(count);
            if (client.Query.UsedBytes > _server.Options.ClientQueryBufferLimit.Value)
            {
                _server.Statistics.QueryBufferLimitDisconnections++;
                _server.Log.Write(LogLevel.Warning, $"Closing client that reached max query buffer length: id={client.Id} addr={client.Address}");
                FreeLater(client);
                return;
            }

            ProcessPrivate(client);
            return;
        }

        nint consumed = ProcessBytes(client, _shared, count);
        if (consumed < count && !client.IsClosed) client.Query.Append(_shared + consumed, count - consumed);
    }

    /// <summary>Writes what waits; watches the descriptor for the rest.</summary>
    public void OnWritable(Client client)
    {
        if (Send(client) && !client.IsClosed) _server.Loop.Modify(client.Connection!.Descriptor, readable: true, writable: false);
    }

    private string? Refusal(TransportConnection connection)
    {
        if (_server.Options.ProtectedMode.Value && !connection.IsLocal && !_server.IsPasswordSet)
        {
            return "-DENIED Valkey is running in protected mode because protected mode is enabled and no password is set for the "
                + "default user. In this mode connections are only accepted from the loopback interface. If you want to connect "
                + "from external computers, set a password for the default user, or disable protected mode with "
                + "CONFIG SET protected-mode no from the server's own machine, or start it with --protected-mode no.\r\n";
        }

        return Count >= _server.Options.MaxClients.Value ? "-ERR max number of clients reached\r\n" : null;
    }

    private int ReadPrivately(Client client)
    {
        ref QueryBuffer query = ref client.Query;
        nint wanted = QueryBuffer.ReadSizeBytes;
        bool exactly = false;
        if (client.Partial.IsOpen && client.Partial.BulkLength >= QueryBuffer.BigArgumentBytes)
        {
            nint missing = client.Partial.Offset + (nint)client.Partial.BulkLength + 2 - query.UsedBytes;
            if (missing > 0)
            {
                wanted = missing;
                exactly = true;
            }
        }

        query.EnsureFree(wanted, exactly);
        return client.Connection!.Read(query.FreeSpace);
    }

    private void ProcessPrivate(Client client)
    {
        nint consumed = ProcessBytes(client, client.Query.Start, client.Query.UsedBytes);
        if (client.IsClosed) return;
        client.Query.Consume(consumed);
    }

    /// <summary>Executes the complete requests at the front of the buffer; returns how many bytes they took.</summary>
    private nint ProcessBytes(Client client, byte* start, nint length)
    {
        nint position = 0;
        while (position < length && CanProcess(client))
        {
            bool authenticated = client.Has(ClientFlags.Authenticated);
            int max = authenticated ? RequestParser.BatchMax : 1;
            int count = _parser.ParseBatch(start + position, length - position, ref client.Partial, authenticated, max);
            string? error = _parser.Error;
            nint batchStart = position;
            if (count > 1) _server.Prefetcher.Prepare(client, _parser, count);
            for (int i = 0; i < count; i++)
            {
                ref ParsedRequest request = ref _parser.Batch[i];
                if (!CanProcess(client) || !Execute(client, ref request))
                {
                    client.Partial = default;
                    return position;
                }

                position = batchStart + request.EndOffset;
                if (client.IsClosed) return length;
            }

            if (error is not null)
            {
                FailProtocol(client, error);
                return length;
            }

            if (count < max) break;
        }

        return position;
    }

    private bool Execute(Client client, ref ParsedRequest request) =>
        request.ArgumentCount == 0
        || _server.Dispatcher.Process(client, _parser.Slices + request.FirstSlice, request.ArgumentCount, request.ArgumentBytes);

    private static bool CanProcess(Client client) =>
        client.Blocked is null
        && !client.Has(ClientFlags.Closed | ClientFlags.CloseAfterReply | ClientFlags.CloseAsap | ClientFlags.Postponed);

    private void FailProtocol(Client client, string error)
    {
        if (_server.Log.IsEnabled(LogLevel.Verbose))
            _server.Log.Write(LogLevel.Verbose, $"Protocol error ({error}) from client: id={client.Id} addr={client.Address}");
        _server.Context.Writer.Bind(client.Output, client.ProtocolVersion);
        _server.Context.Enter(client);
        _server.Context.Writer.Error("ERR " + error);
        client.Partial = default;
        client.Set(ClientFlags.CloseAfterReply | ClientFlags.ProtocolFailed);
        NoteOutput(client);
    }

    private void ResumeWaiting()
    {
        if (_pendingReads.Count == 0) return;
        Client[] waiting = [.. _pendingReads];
        _pendingReads.Clear();
        foreach (Client client in waiting)
        {
            client.Clear(ClientFlags.ResumePending);
            if (!client.IsClosed && client.Query.UsedBytes > 0) ProcessPrivate(client);
        }
    }

    private void FreeQueued()
    {
        while (_toFree.TryDequeue(out Client? client))
        {
            client.Clear(ClientFlags.CloseAsap);
            Free(client);
        }
    }

    private void WritePending()
    {
        if (_pendingWrites.Count == 0) return;
        (_pendingWrites, _writing) = (_writing, _pendingWrites);
        foreach (Client client in _writing)
        {
            if (client.IsClosed) continue;
            client.Clear(ClientFlags.PendingWrite);
            if (!Send(client) && !client.IsClosed)
                _server.Loop.Modify(client.Connection!.Descriptor, readable: true, writable: true);
        }

        _writing.Clear();
    }

    /// <summary>Sends; true when all is sent (or the client is gone).</summary>
    private bool Send(Client client)
    {
        long sent = client.Output.Send(client.Connection!, WriteMaxBytesPerTurn);
        _server.Statistics.WritesProcessed++;
        if (sent == TransportResult.Failed)
        {
            if (_server.Log.IsEnabled(LogLevel.Verbose))
                _server.Log.Write(LogLevel.Verbose, $"Error writing to client: {client.Connection!.LastError}");
            Free(client);
            return true;
        }

        client.NetOutputBytes += sent;
        _server.Statistics.NetOutputBytes += sent;
        if (sent > 0) client.LastInteractionUnixMs = _server.Clock.UnixMs;
        if (!client.Output.IsEmpty) return false;
        if (client.Has(ClientFlags.CloseAfterReply)) Free(client);
        return true;
    }

    private void LogClosed(Client client, int result)
    {
        if (!_server.Log.IsEnabled(LogLevel.Verbose)) return;
        _server.Log.Write(LogLevel.Verbose, result == 0
            ? $"Client closed connection id={client.Id} addr={client.Address}"
            : $"Reading from client: {client.Connection!.LastError}");
    }

    private void Unlink(Client client)
    {
        if (client.Connection is null) return;
        _server.Loop.Remove(client.Connection.Descriptor);
        client.Connection.Close();
        if (client.TableIndex < 0) return;
        Client last = _all[--Count];
        _all[client.TableIndex] = last;
        last.TableIndex = client.TableIndex;
        _all[Count] = null!;
        client.TableIndex = -1;
        _byId.Remove(client.Id);
    }
}

/// <summary>Tells the table that a client's connection is ready.</summary>
internal sealed class ClientReadiness(ClientTable table, Client client) : IReadinessHandler
{
    public void OnReady(bool readable, bool writable)
    {
        if (readable) table.OnReadable(client);
        if (writable && !client.IsClosed) table.OnWritable(client);
    }
}
