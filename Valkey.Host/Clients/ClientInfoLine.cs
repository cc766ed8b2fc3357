// The line that describes a client in CLIENT LIST, CLIENT INFO and the log. Tools parse it: fields keep their order and names.

using System.Globalization;
using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Text;

namespace Valkey.Host.Clients;

internal static class ClientInfoLine
{
    private const string Hidden = "*redacted*";

    /// <summary>For the log; what users chose is hidden when hide-user-data-from-log says so.</summary>
    public static string ForLog(Server server, Client client)
    {
        StringBuilder text = new();
        Append(text, server, client, server.Options.HideUserDataFromLog.Value);
        return text.ToString();
    }

    /// <summary>Appends the line of a client, without an end of line.</summary>
    public static void Append(StringBuilder text, Server server, Client client, bool hideUserData)
    {
        TransactionLine(AppendWho(text, server, client, hideUserData), client);
        OutputBuffer output = client.Output;
        string user = hideUserData ? Hidden : client.UserName;
        text.Append(CultureInfo.InvariantCulture, $" rbs={output.BufferSizeBytes} rbp={output.BufferPeakBytes}");
        text.Append(CultureInfo.InvariantCulture, $" obl={output.BufferUsedBytes} oll={output.ListLength} omem={output.ListBytes}");
        text.Append(CultureInfo.InvariantCulture, $" tot-mem={ClientMemory.Of(client)} events=");
        if (client.Connection is not null) text.Append(client.Has(ClientFlags.WriteWatched) ? "rw" : "r");
        text.Append(CultureInfo.InvariantCulture, $" cmd={client.LastExecuted?.Name ?? "NULL"} user={user} redir={RedirectOf(client)}");
        text.Append(CultureInfo.InvariantCulture, $" resp={client.ProtocolVersion} lib-name={ByteText.FromBytes(client.LibraryName)}");
        text.Append(CultureInfo.InvariantCulture, $" lib-ver={ByteText.FromBytes(client.LibraryVersion)}");
        text.Append(CultureInfo.InvariantCulture, $" tot-net-in={client.NetInputBytes} tot-net-out={client.NetOutputBytes}");
        text.Append(CultureInfo.InvariantCulture, $" tot-cmds={client.CommandCount}");

        // Valkey 9.1 puts it behind the flags; here it comes last, where no reader of the older line stumbles over it.
        text.Append(CultureInfo.InvariantCulture, $" capa={(client.Has(ClientFlags.Redirectable) ? "r" : "")}");
    }

    /// <summary>The letters of the flags field.</summary>
    public static string FlagsOf(Client client)
    {
        Span<char> letters = stackalloc char[24];
        int count = 0;
        if (client.Has(ClientFlags.Monitor)) letters[count++] = 'O';
        else if (client.Has(ClientFlags.Replica)) letters[count++] = 'S';
        if (client.Has(ClientFlags.Primary)) letters[count++] = 'M';
        if (client.Has(ClientFlags.PubSub)) letters[count++] = 'P';
        if (client.Transaction.IsOpen) letters[count++] = 'x';
        if (client.IsWaiting) letters[count++] = 'b';
        if (client.Has(ClientFlags.Tracking)) letters[count++] = 't';
        if ((client.Tracking.Marks & TrackingMarks.RedirectionBroken) != 0) letters[count++] = 'R';
        if ((client.Tracking.Marks & TrackingMarks.Broadcast) != 0) letters[count++] = 'B';
        if (client.Transaction.IsStale) letters[count++] = 'd';
        if (client.Has(ClientFlags.CloseAfterReply)) letters[count++] = 'c';
        if (client.Has(ClientFlags.ResumePending)) letters[count++] = 'u';
        if (client.Has(ClientFlags.CloseAsap)) letters[count++] = 'A';
        if (client.Connection is { IsUnixSocket: true }) letters[count++] = 'U';
        if (client.Has(ClientFlags.ReadOnlyCluster)) letters[count++] = 'r';
        if (client.Has(ClientFlags.NoEvict)) letters[count++] = 'e';
        if (client.Has(ClientFlags.NoTouch)) letters[count++] = 'T';
        if (client.Has(ClientFlags.ImportSource)) letters[count++] = 'I';
        if (count == 0) letters[count++] = 'N';
        return letters[..count].ToString();
    }

    /// <summary>Age and idle time count in whole seconds of the wall clock, as clients compare them.</summary>
    public static long SecondsSince(Server server, long unixMs) => server.Clock.UnixSeconds - (unixMs / 1000);

    private static long RedirectOf(Client client) => client.Has(ClientFlags.Tracking) ? client.Tracking.RedirectId : -1;

    private static StringBuilder AppendWho(StringBuilder text, Server server, Client client, bool hideUserData)
    {
        string name = hideUserData ? Hidden : ByteText.FromBytes(client.NameBytes);
        text.Append(CultureInfo.InvariantCulture, $"id={client.Id} addr={client.Address} laddr={client.Connection?.LocalAddress}");
        text.Append(CultureInfo.InvariantCulture, $" fd={client.Connection?.Descriptor ?? -1} name={name}");
        text.Append(CultureInfo.InvariantCulture, $" age={SecondsSince(server, client.CreatedAtUnixMs)}");
        text.Append(CultureInfo.InvariantCulture, $" idle={SecondsSince(server, client.LastInteractionUnixMs)}");
        text.Append(CultureInfo.InvariantCulture, $" flags={FlagsOf(client)}");
        text.Append(CultureInfo.InvariantCulture, $" db={client.DatabaseIndex} sub={client.Subscriptions.ChannelCount}");
        return text.Append(CultureInfo.InvariantCulture, $" psub={client.Subscriptions.PatternCount} ssub={client.Subscriptions.ShardChannelCount}");
    }

    private static void TransactionLine(StringBuilder text, Client client)
    {
        int queued = client.Transaction.IsOpen ? client.Transaction.Queue.Count : -1;
        nint unread = client.Query.UsedBytes - client.Partial.Offset;
        text.Append(CultureInfo.InvariantCulture, $" multi={queued} watch={client.Transaction.Watched.Count}");
        text.Append(CultureInfo.InvariantCulture, $" qbuf={unread} qbuf-free={client.Query.FreeBytes}");
        text.Append(CultureInfo.InvariantCulture, $" argv-mem={ClientMemory.ArgumentBytesOf(client)}");
        text.Append(CultureInfo.InvariantCulture, $" multi-mem={client.Transaction.ArgumentBytes}");
    }
}
