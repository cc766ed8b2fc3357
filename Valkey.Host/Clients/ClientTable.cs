// All clients: how they come, how their bytes come in, how they end. How their replies go out is OutputSender's.
//
// Reading goes into one buffer that all clients share; only what is incomplete is kept per client.
// Holds always: a client that is freed is in no list any more, and its descriptor is not watched.

using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Host.Loop;
using Valkey.Structures;

namespace Valkey.Host.Clients;

internal sealed unsafe class ClientTable
{
    private const int SharedReadBytes = 64 * 1024;
    private const long UnauthenticatedQueryMaxBytes = 1024 * 1024;
    private const nint PromisedMaxBytes = 32 * 1024 * 1024;
    private const int HttpLogPauseSeconds = 60;

    private readonly Server _server;
    private readonly Dictionary<long, Client> _byId = [];
    private readonly byte* _shared;
    private readonly RequestParser _parser = new();
    private readonly Queue<Client> _toFree = new();
    private readonly List<Client> _pendingReads = [];
    private Client[] _all = new Client[64];
    private long _nextId = 1;
    private long _lastHttpLogUnixSeconds;

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

    /// <summary>Clients that wait for something or for the end of a pause: INFO's blocked_clients.</summary>
    public int WaitingCount => _server.Blocked.Count + _server.Pause.PostponedCount + _server.Iterations.Gate.HeldCount;

    public Client? Find(long id) => _byId.GetValueOrDefault(id);

    /// <summary>All of them as they came; the list stays what it is while clients go.</summary>
    public Client[] InOrderOfAge()
    {
        Client[] clients = All.ToArray();
        Array.Sort(clients, static (one, other) => one.Id.CompareTo(other.Id));
        return clients;
    }

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
        client.Handler = new ClientReadiness(this, _server.Sender, client);
        _server.Authentication.Reset(client);
        if (Count == _all.Length) Array.Resize(ref _all, _all.Length * 2);
        client.TableIndex = Count;
        _all[Count++] = client;
        _byId.Add(client.Id, client);
        _server.Loop.Add(connection.Descriptor, client.Handler, readable: true, writable: false);
        if (_server.Log.IsEnabled(LogLevel.Verbose)) _server.Log.Write(LogLevel.Verbose, $"Accepted {connection.RemoteAddress}");
    }

    /// <summary>Whether the client is read, or waited for to take more, has changed.</summary>
    public void UpdateInterest(Client client)
    {
        if (client.IsClosed) return;
        _server.Loop.Modify(
            client.Connection!.Descriptor,
            readable: !client.Has(ClientFlags.ReadingSuspended),
            writable: client.Has(ClientFlags.WriteWatched));
    }

    /// <summary>A command of the client has ended, its reply is complete.</summary>
    public void ReplyEnded(Client client)
    {
        if (client.PendingPushes is not null && client.Blocked is not ParkedReply) AppendPushes(client, client.PendingPushes);
        _server.Sender.NoteOutput(client);
        if (_server.ClientMemory.IsLimited) _server.ClientMemory.Update(client);
        // Nothing to send (CLIENT REPLY OFF), so no sending will close it.
        if (client.Has(ClientFlags.CloseAfterReply) && client.Output.IsEmpty) FreeLater(client);
    }

    /// <summary>
    /// A web page can make a browser send requests to us, headers before content: whoever talks HTTP is cut off before its
    /// content is read as commands. True when it was so.
    /// </summary>
    public bool RefuseHttp(Client client, ReadOnlySpan<byte> commandName)
    {
        if (!CommandNameTable.EqualsIgnoringCase(commandName, "post"u8) && !CommandNameTable.EqualsIgnoringCase(commandName, "host:"u8))
            return false;
        if (_server.Clock.UnixSeconds - _lastHttpLogUnixSeconds > HttpLogPauseSeconds)
        {
            _lastHttpLogUnixSeconds = _server.Clock.UnixSeconds;
            _server.Log.Write(
                LogLevel.Warning,
                "Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Valkey. This is "
                + "likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Valkey instance. "
                + $"Connection from {client.Address} aborted.");
        }

        FreeLater(client);
        return true;
    }

    /// <summary>Ends a client now. Not for the one whose command runs: see <see cref="FreeLater"/>.</summary>
    public void Free(Client client)
    {
        if (client.IsClosed) return;
        if (client.Has(ClientFlags.Executing))
        {
            FreeLater(client);
            return;
        }

        client.Set(ClientFlags.Closed); // the lists of this class look at it and drop the client when they come to it
        _server.ClientStates.End(client);
        _server.Blocked.End(client);
        _server.Watching.UnwatchAll(client);
        client.Transaction.Reset();
        _server.Monitors.Remove(client);
        _server.Pause.Forget(client);
        _server.Iterations.Gate.Forget(client);
        _server.Durability.Forget(client);
        client.Query.Free();
        client.Partial = default;
        client.Output.Free();
        client.PendingPushes?.Free();
        client.PendingPushes = null;
        _server.ClientMemory.Forget(client);
        Unlink(client);
    }

    /// <summary>Ends a client before the loop sleeps.</summary>
    public void FreeLater(Client client)
    {
        if (client.IsClosed || client.Has(ClientFlags.CloseAsap)) return;
        client.Set(ClientFlags.CloseAsap);
        _server.ClientMemory.Forget(client); // nobody is to be evicted for memory that is on its way back already
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
        _server.Propagation.Flush(); // what they have just written goes out before their replies, as everybody's
        FreeQueued();
        if (_server.ClientMemory.IsLimited) _server.ClientMemory.Evict();
        if (_server.KeyAccess.IsWanted) _server.KeyAccess.TurnEnding();
        _server.Sender.SendDue();
        FreeQueued();
        return _pendingReads.Count > 0 || _server.Sender.HasPushes;
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
        if (!client.Query.IsAllocated)
        {
            nint consumed = ProcessBytes(client, _shared, count);
            if (consumed < count && !client.IsClosed) client.Query.Append(_shared + consumed, count - consumed);
            if (_server.ClientMemory.IsLimited) _server.ClientMemory.Update(client);
            return;
        }

        client.Query.Advance(count);
        if (IsOverQueryLimit(client)) CloseForQueryLimit(client);
        else ProcessPrivate(client);
        if (_server.ClientMemory.IsLimited) _server.ClientMemory.Update(client);
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
        bool exactly = query.CapacityBytes < QueryBuffer.ReadSizeBytes;
        if (client.Partial.IsOpen && client.Partial.BulkLength >= QueryBuffer.BigArgumentBytes)
        {
            nint missing = client.Partial.Offset + (nint)client.Partial.BulkLength + 2 - query.UsedBytes;
            if (missing > 0)
            {
                // A header is quickly sent: beyond a size, memory comes with the bytes and not with the promise.
                wanted = Math.Min(missing, Math.Max(PromisedMaxBytes, query.UsedBytes));
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
            bool authenticated = client.Has(ClientFlags.Authenticated) || !_server.IsPasswordSet;
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
                    return client.Has(ClientFlags.CloseAfterReply | ClientFlags.CloseAsap) ? length : position;
                }

                position = batchStart + request.EndOffset;
                if (client.IsClosed) return length;
            }

            if (error is not null)
            {
                FailProtocol(client, error, new ReadOnlySpan<byte>(start + position, (int)Math.Min(length - position, int.MaxValue)));
                return length;
            }

            if (count == 0) break;
        }

        // What comes after QUIT, or for a client that is going to be closed, is never looked at.
        return client.Has(ClientFlags.CloseAfterReply | ClientFlags.CloseAsap) ? length : position;
    }

    private bool Execute(Client client, ref ParsedRequest request) =>
        request.ArgumentCount == 0
        || _server.Dispatcher.Process(client, _parser.Slices + request.FirstSlice, request.ArgumentCount, request.ArgumentBytes);

    private static bool CanProcess(Client client) =>
        client.Blocked is null
        && !client.Has(ClientFlags.Closed | ClientFlags.CloseAfterReply | ClientFlags.CloseAsap | ClientFlags.Postponed | ClientFlags.HeldByIteration
            | ClientFlags.ReadingSuspended);

    private void FailProtocol(Client client, string error, ReadOnlySpan<byte> bytes)
    {
        if (_server.Log.IsEnabled(LogLevel.Verbose))
        {
            string reason = error["Protocol error: ".Length..];
            _server.Log.Write(
                LogLevel.Verbose,
                $"Protocol error ({reason}) from client: {ClientInfoLine.ForLog(_server, client)}. Query buffer: {Excerpt(bytes)}");
        }

        client.Partial = default;
        client.Set(ClientFlags.CloseAfterReply | ClientFlags.ProtocolFailed);
        _server.Context.Enter(client);
        using (_server.Context.WriteTo(client)) _server.Context.Reply.Error("ERR " + error);
        if (client.Output.IsEmpty) FreeLater(client);
    }

    /// <summary>Beginning and end of what a client sent, printable, for the log.</summary>
    private string Excerpt(ReadOnlySpan<byte> bytes)
    {
        const int PartBytes = 64;
        if (_server.Options.HideUserDataFromLog.Value) return "*redacted*";
        string text = bytes.Length < 2 * PartBytes
            ? $"'{System.Text.Encoding.Latin1.GetString(bytes)}'"
            : $"'{System.Text.Encoding.Latin1.GetString(bytes[..PartBytes])}' (... more {bytes.Length - (2 * PartBytes)} bytes ...) "
                + $"'{System.Text.Encoding.Latin1.GetString(bytes[^PartBytes..])}'";
        return string.Create(text.Length, text, static (target, source) =>
        {
            for (int i = 0; i < target.Length; i++) target[i] = source[i] is >= ' ' and <= '~' ? source[i] : '.';
        });
    }

    /// <summary>Requests that were received and not executed: bytes not parsed yet, and what MULTI has queued.</summary>
    private bool IsOverQueryLimit(Client client)
    {
        long bytes = client.Query.UsedBytes - client.Partial.Offset + client.Transaction.ArgumentBytes;
        return bytes > _server.Options.ClientQueryBufferLimit.Value
            || (bytes > UnauthenticatedQueryMaxBytes && _server.IsAuthenticationRequired(client));
    }

    private void CloseForQueryLimit(Client client)
    {
        _server.Statistics.QueryBufferLimitDisconnections++;
        _server.Log.Write(
            LogLevel.Warning,
            $"Closing client that reached max query buffer length: {ClientInfoLine.ForLog(_server, client)}");
        FreeLater(client);
    }

    private void AppendPushes(Client client, OutputBuffer pushes)
    {
        client.PendingPushes = null;
        client.Output.Append(pushes.ToArray());
        pushes.Free();
    }

    private void ResumeWaiting()
    {
        if (_pendingReads.Count == 0) return;
        Client[] waiting = [.. _pendingReads];
        _pendingReads.Clear();
        foreach (Client client in waiting)
        {
            client.Clear(ClientFlags.ResumePending);
            if (client.IsClosed || client.Query.UsedBytes == 0) continue;
            try
            {
                ProcessPrivate(client);
            }
            catch (Exception exception) when (_server.Loop.Failed is { } failed)
            {
                FreeLater(client);
                failed(exception);
            }
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
internal sealed class ClientReadiness(ClientTable table, OutputSender sender, Client client) : IReadinessHandler
{
    public void OnReady(bool readable, bool writable)
    {
        try
        {
            if (readable) table.OnReadable(client);
            if (writable && !client.IsClosed) sender.OnWritable(client);
        }
        catch
        {
            table.FreeLater(client); // nobody knows how far it came in its own stream
            throw;
        }
    }
}
