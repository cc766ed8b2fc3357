// How flags, categories and the like are called in replies: in the order in which COMMAND INFO prints them.

using System.Text;
using Valkey.Abstractions;

namespace Valkey.Host.Commands;

internal static class FlagNames
{
    /// <summary>What COMMAND INFO tells; the flags that are missing here are the server's own business.</summary>
    public static readonly (ulong Flag, byte[] Name)[] Commands = Encode(
        (CommandFlags.Write, "write"), (CommandFlags.ReadOnly, "readonly"), (CommandFlags.DenyOom, "denyoom"),
        (CommandFlags.Admin, "admin"), (CommandFlags.PubSub, "pubsub"), (CommandFlags.NoScript, "noscript"),
        (CommandFlags.Blocking, "blocking"), (CommandFlags.Loading, "loading"), (CommandFlags.Stale, "stale"),
        (CommandFlags.SkipMonitor, "skip_monitor"), (CommandFlags.SkipCommandLog, "skip_commandlog"),
        (CommandFlags.Asking, "asking"), (CommandFlags.Fast, "fast"), (CommandFlags.NoAuth, "no_auth"),
        (CommandFlags.NoMandatoryKeys, "no_mandatory_keys"), (CommandFlags.NoAsyncLoading, "no_async_loading"),
        (CommandFlags.NoMulti, "no_multi"), (CommandFlags.MovableKeys, "movablekeys"), (CommandFlags.AllowBusy, "allow_busy"));

    public static readonly (ulong Flag, byte[] Name)[] Keys = Encode(
        (KeySpecFlags.ReadOnly, "RO"), (KeySpecFlags.ReadWrite, "RW"), (KeySpecFlags.Overwrite, "OW"),
        (KeySpecFlags.Remove, "RM"), (KeySpecFlags.Access, "access"), (KeySpecFlags.Update, "update"),
        (KeySpecFlags.Insert, "insert"), (KeySpecFlags.Delete, "delete"), (KeySpecFlags.NotKey, "not_key"),
        (KeySpecFlags.Incomplete, "incomplete"), (KeySpecFlags.VariableFlags, "variable_flags"));

    public static readonly (ulong Flag, byte[] Name)[] Documentation = Encode(
        (CommandDocFlags.Deprecated, "deprecated"), (CommandDocFlags.SystemCommand, "syscmd"));

    /// <summary>Categories, without the @.</summary>
    public static readonly (ulong Flag, byte[] Name)[] Categories = EncodeCategories();

    /// <summary>Writes the names of the flags that are set, as a set of simple strings.</summary>
    public static void Write(ReplyWriter reply, ulong flags, (ulong Flag, byte[] Name)[] names, string prefix = "")
    {
        int count = 0;
        foreach ((ulong flag, byte[] _) in names) count += (flags & flag) != 0 ? 1 : 0;
        reply.SetHeader(count);
        byte[] start = Encoding.ASCII.GetBytes(prefix);
        foreach ((ulong flag, byte[] name) in names)
        {
            if ((flags & flag) != 0) reply.SimpleString((byte[])[.. start, .. name]);
        }
    }

    /// <summary>The flag of a name, whatever its case; 0 when there is none.</summary>
    public static ulong Find((ulong Flag, byte[] Name)[] names, ReadOnlySpan<byte> name)
    {
        foreach ((ulong flag, byte[] known) in names)
        {
            if (CommandNameTable.EqualsIgnoringCase(name, known)) return flag;
        }

        return 0;
    }

    private static (ulong Flag, byte[] Name)[] Encode<T>(params (T Flag, string Name)[] names)
        where T : struct, Enum
    {
        (ulong, byte[])[] encoded = new (ulong, byte[])[names.Length];
        for (int i = 0; i < names.Length; i++)
            encoded[i] = (Convert.ToUInt64(names[i].Flag, null), Encoding.ASCII.GetBytes(names[i].Name));
        return encoded;
    }

    private static (ulong Flag, byte[] Name)[] EncodeCategories()
    {
        List<(ulong, byte[])> encoded = [];
        foreach (AclCategories category in Enum.GetValues<AclCategories>())
        {
            if (category == AclCategories.None) continue;
            encoded.Add(((ulong)category, CommandNameTable.Lower(Encoding.ASCII.GetBytes(category.ToString()))));
        }

        return [.. encoded];
    }
}
