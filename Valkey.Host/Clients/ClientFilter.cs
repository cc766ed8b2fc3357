// The filters of CLIENT LIST and CLIENT KILL: which clients are meant. All of them must hold; each but SKIPME, MAXAGE and IDLE
// has a NOT- form that must not. Giving a filter twice replaces it, only IDs add up.

using System.Buffers;
using Valkey.Host.Commands;
using Valkey.Host.Text;
using Valkey.Structures;

namespace Valkey.Host.Clients;

/// <summary>What one set of filters, or its negation, asks for; null where it asks for nothing.</summary>
internal sealed class ClientTraits
{
    public HashSet<long>? Ids;
    public ClientType? Type;
    public byte[]? Address;
    public byte[]? LocalAddress;
    public byte[]? User;
    public byte[]? Name;
    public byte[]? LibraryName;
    public byte[]? LibraryVersion;
    public string? Flags;
    public int? DatabaseIndex;
    public bool IsCapabilityAsked;
    public bool NeedsRedirect;
    public byte[]? Ip;

    /// <summary>Whether a client has all of them.</summary>
    public bool AllHold(Client client) =>
        (Ids is null || Ids.Contains(client.Id))
        && (Type is null || client.Type == Type)
        && (Address is null || Is(Address, client.Address))
        && (LocalAddress is null || Is(LocalAddress, client.Connection?.LocalAddress))
        && (User is null || Is(User, client.UserName))
        && (Name is null || (client.NameBytes.Length > 0 && Name.AsSpan().SequenceEqual(client.NameBytes)))
        && (LibraryName is null || (client.LibraryName.Length > 0 && LibraryName.AsSpan().SequenceEqual(client.LibraryName)))
        && (LibraryVersion is null || (client.LibraryVersion.Length > 0 && LibraryVersion.AsSpan().SequenceEqual(client.LibraryVersion)))
        && (Flags is null || HasFlags(client, Flags))
        && (DatabaseIndex is null || client.DatabaseIndex == DatabaseIndex)
        && (!IsCapabilityAsked || !NeedsRedirect || client.Has(ClientFlags.Redirectable))
        && (Ip is null || IsFrom(client.Address));

    /// <summary>Whether a client has any of them.</summary>
    public bool AnyHolds(Client client) =>
        (Ids is not null && Ids.Contains(client.Id))
        || (Type is not null && client.Type == Type)
        || (Address is not null && Is(Address, client.Address))
        || (LocalAddress is not null && Is(LocalAddress, client.Connection?.LocalAddress))
        || (User is not null && Is(User, client.UserName))
        || (Name is not null && client.NameBytes.Length > 0 && Name.AsSpan().SequenceEqual(client.NameBytes))
        || (LibraryName is not null && client.LibraryName.Length > 0 && LibraryName.AsSpan().SequenceEqual(client.LibraryName))
        || (LibraryVersion is not null && client.LibraryVersion.Length > 0 && LibraryVersion.AsSpan().SequenceEqual(client.LibraryVersion))
        || (Flags is not null && HasFlags(client, Flags))
        || (DatabaseIndex is not null && client.DatabaseIndex == DatabaseIndex)
        || (IsCapabilityAsked && (!NeedsRedirect || client.Has(ClientFlags.Redirectable)))
        || (Ip is not null && IsFrom(client.Address));

    private static bool Is(byte[] wanted, string? actual) => wanted.AsSpan().SequenceEqual(ByteText.ToBytes(actual ?? ""));

    private static bool HasFlags(Client client, string wanted)
    {
        string flags = ClientInfoLine.FlagsOf(client);
        foreach (char letter in wanted)
        {
            if (!flags.Contains(letter, StringComparison.Ordinal)) return false;
        }

        return true;
    }

    /// <summary>The address without its port; an IPv6 address is given without brackets. A Unix socket has no IP.</summary>
    private bool IsFrom(string address)
    {
        int colon = address.LastIndexOf(':');
        if (colon < 0 || address.AsSpan(colon + 1).StartsWith("0")) return false;
        string host = address[..colon];
        if (host.StartsWith('[') && host.EndsWith(']')) host = host[1..^1];
        return Is(Ip!, host);
    }
}

internal sealed class ClientFilter
{
    private static readonly SearchValues<char> s_knownFlags = SearchValues.Create("OSMPxbtRBdcuAUreTIiEN");

    private readonly ClientTraits _wanted = new();
    private readonly ClientTraits _unwanted = new();
    private long _ageMinSeconds;
    private long _idleMinSeconds;

    /// <summary>Leaves out the client that asks.</summary>
    public bool SkipsMe { get; set; }

    /// <summary>The filter of CLIENT KILL's old form: the client from this address.</summary>
    public static ClientFilter ForAddress(ReadOnlySpan<byte> address)
    {
        ClientFilter filter = new();
        filter._wanted.Address = address.ToArray();
        return filter;
    }

    /// <summary>Whether a client is meant.</summary>
    public bool Matches(Server server, Client client, Client asking) =>
        !(SkipsMe && client == asking)
        && (_ageMinSeconds == 0 || ClientInfoLine.SecondsSince(server, client.CreatedAtUnixMs) >= _ageMinSeconds)
        && (_idleMinSeconds == 0 || ClientInfoLine.SecondsSince(server, client.LastInteractionUnixMs) >= _idleMinSeconds)
        && _wanted.AllHold(client)
        && !_unwanted.AnyHolds(client);

    /// <summary>Reads all filters from an argument on; false after replying what is wrong.</summary>
    public bool TryParse(HostContext ctx, int index)
    {
        while (index < ctx.ArgumentCount)
        {
            if (!TryParseOne(ctx, ref index)) return false;
        }

        return true;
    }

    private bool TryParseOne(HostContext ctx, ref int index)
    {
        ReadOnlySpan<byte> name = ctx.Argument(index);
        if (name.Length > 24) return Fail(ctx, "ERR syntax error");
        Span<char> lower = stackalloc char[name.Length];
        for (int i = 0; i < name.Length; i++) lower[i] = char.ToLowerInvariant((char)name[i]);
        bool isNegated = lower.StartsWith("not-");
        ReadOnlySpan<char> key = isNegated ? lower[4..] : lower;
        if (key is "id") return TryIds(ctx, ref index, isNegated ? _unwanted : _wanted);
        if (index + 1 >= ctx.ArgumentCount) return Fail(ctx, "ERR syntax error");
        bool isParsed = isNegated switch
        {
            false when key is "skipme" => TrySkipMe(ctx, index + 1),
            false when key is "maxage" => TrySeconds(ctx, index + 1, "maxage", out _ageMinSeconds),
            false when key is "idle" => TrySeconds(ctx, index + 1, "idle", out _idleMinSeconds),
            _ => TryTrait(ctx, key, index + 1, isNegated),
        };
        index += 2;
        return isParsed;
    }

    private bool TryTrait(HostContext ctx, ReadOnlySpan<char> key, int index, bool isNegated)
    {
        ClientTraits traits = isNegated ? _unwanted : _wanted;
        byte[] value = ctx.Argument(index).ToArray();
        switch (key)
        {
            case "type":
                return TryType(ctx, value, out traits.Type);
            case "addr":
                traits.Address = value;
                return true;
            case "laddr":
                traits.LocalAddress = value;
                return true;
            case "user":
                traits.User = value;
                return ctx.Server.Authentication.IsUser(value) || Fail(ctx, $"ERR No such user '{ByteText.FromBytes(value)}'");
            case "name":
                traits.Name = value;
                return true;
            case "lib-name":
                traits.LibraryName = value;
                return true;
            case "lib-ver":
                traits.LibraryVersion = value;
                return true;
            case "ip":
                traits.Ip = value;
                return true;
            case "flags":
                return TryFlags(ctx, value, traits, isNegated ? "NOT-FLAGS" : "provided");
            case "capa":
                return TryCapability(ctx, value, traits, isNegated ? "NOT-CAPA" : "provided");
            case "db":
                return TryDatabase(ctx, index, traits, isNegated ? "NOT-DB" : "DB");
            default:
                return Fail(ctx, "ERR syntax error");
        }
    }

    /// <summary>Takes numbers up to the first argument that is none.</summary>
    private static bool TryIds(HostContext ctx, ref int index, ClientTraits traits)
    {
        traits.Ids ??= [];
        int first = index + 1;
        for (index++; index < ctx.ArgumentCount && IntegerText.TryParse(ctx.Argument(index), out long id); index++)
        {
            if (id < 1) return Fail(ctx, "ERR client-id should be greater than 0");
            traits.Ids.Add(id);
        }

        return index > first || Fail(ctx, "ERR client-id should be greater than 0");
    }

    private bool TrySkipMe(HostContext ctx, int index)
    {
        SkipsMe = ctx.ArgumentIs(index, "yes"u8);
        return SkipsMe || ctx.ArgumentIs(index, "no"u8) || Fail(ctx, "ERR syntax error");
    }

    private static bool TrySeconds(HostContext ctx, int index, string name, out long seconds)
    {
        if (!ctx.TryInteger(index, out seconds, $"ERR {name} is not an integer or out of range")) return false;
        return seconds > 0 || Fail(ctx, $"ERR {name} should be greater than 0");
    }

    private static bool TryType(HostContext ctx, byte[] value, out ClientType? type)
    {
        type = ByteText.FromBytes(value).ToLowerInvariant() switch
        {
            "normal" => ClientType.Normal,
            "slave" or "replica" => ClientType.Replica,
            "pubsub" => ClientType.PubSub,
            "master" or "primary" => ClientType.Primary,
            _ => null,
        };
        return type is not null || Fail(ctx, $"ERR Unknown client type '{ByteText.FromBytes(value)}'");
    }

    private static bool TryFlags(HostContext ctx, byte[] value, ClientTraits traits, string which)
    {
        traits.Flags = ByteText.FromBytes(value);
        return !traits.Flags.AsSpan().ContainsAnyExcept(s_knownFlags)
            || Fail(ctx, $"ERR Unknown flags found in the {which} filter: {traits.Flags}");
    }

    private static bool TryCapability(HostContext ctx, byte[] value, ClientTraits traits, string which)
    {
        traits.IsCapabilityAsked = true;
        traits.NeedsRedirect = value.Length > 0;
        return !value.AsSpan().ContainsAnyExcept((byte)'r')
            || Fail(ctx, $"ERR Unknown capa found in the {which} filter: {ByteText.FromBytes(value)}");
    }

    private static bool TryDatabase(HostContext ctx, int index, ClientTraits traits, string which)
    {
        if (!ctx.TryInteger(index, out long number, $"ERR {which} is not an integer or out of range")) return false;
        if (number < 0 || number >= ctx.Server.Databases.Length)
            return Fail(ctx, $"ERR {which} number should be between 0 and {ctx.Server.Databases.Length - 1}");
        traits.DatabaseIndex = (int)number;
        return true;
    }

    private static bool Fail(HostContext ctx, string error)
    {
        ctx.Reply.Error(ByteText.ToBytes(error));
        return false;
    }
}
