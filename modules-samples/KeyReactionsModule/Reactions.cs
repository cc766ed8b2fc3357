// Four ways to react to a change of a key, each for keys with a prefix of its own:
//
//   count:   runs INCR reactions:count inside of the command, which is allowed for keys that the command does not work on
//   mirror:  keeps copy:NAME equal to mirror:NAME by a job behind the command, where everything is allowed
//   held:    holds the reply of the command back until REACTIONS.RELEASE, as somebody would who asks another server first
//   try:     runs the command that the key's value is, and keeps what it answered
//
// Command thread only.

using System.Text;
using Valkey.Abstractions;

namespace Valkey.Samples.KeyReactions;

internal sealed class Reactions(IPluginContext context)
{
    private readonly Queue<IHeldReply> _held = new();

    private static ReadOnlySpan<byte> MirrorPrefix => "mirror:"u8;

    /// <summary>Changes that are durable: told behind the command, in its order, once no crash can take them back.</summary>
    public long DurableCount { get; private set; }

    /// <summary>What the last command of a try: key answered.</summary>
    public string LastAnswer { get; private set; } = "";

    /// <summary>How many replies wait.</summary>
    public int HeldCount => _held.Count;

    /// <summary>Called inline. What is in the event is valid during the call only.</summary>
    public void OnChange(in KeyspaceEventInfo info)
    {
        if (info.Key.StartsWith("count:"u8)) context.Calls.Call(info.DatabaseIndex, "INCR", "reactions:count");
        else if (info.Key.StartsWith(MirrorPrefix)) Mirror(info.DatabaseIndex, Keep(info.Key));
        else if (info.Key.StartsWith("held:"u8)) Hold();
        else if (info.Key.StartsWith("try:"u8)) Try(info.DatabaseIndex, Encoding.UTF8.GetString(info.Key));
    }

    /// <summary>Called once the change is durable.</summary>
    public void OnDurable(in KeyspaceEventInfo info)
    {
        if (info.Key.StartsWith("count:"u8)) DurableCount++;
    }

    /// <summary>Lets a client go on; false when none waits.</summary>
    public bool Release()
    {
        if (!_held.TryDequeue(out IHeldReply? held)) return false;
        held.Release();
        return true;
    }

    private void Mirror(int databaseIndex, byte[] source)
    {
        // The key is the command's until it ends, so the copy is made afterwards. An expired key comes this way too.
        context.Events.AddJob(() =>
        {
            byte[] target = Keep([.. "copy:"u8, .. source.AsSpan(MirrorPrefix.Length)]);
            CommandResult value = context.Calls.Call(databaseIndex, "GET"u8, PropagatedArgument.From(source));
            if (!value.TryString(out ReadOnlySpan<byte> bytes))
            {
                context.Calls.Call(databaseIndex, "DEL"u8, PropagatedArgument.From(target));
                return;
            }

            context.Calls.Call(databaseIndex, "SET"u8, PropagatedArgument.From(target), PropagatedArgument.From(Keep(bytes)));
        });
    }

    private void Hold()
    {
        if (context.Clients.HoldReply() is { } held) _held.Enqueue(held); // nobody waits when the key expired by itself
    }

    private void Try(int databaseIndex, string key)
    {
        if (!context.Calls.Call(databaseIndex, "GET", key).TryString(out ReadOnlySpan<byte> line)) return;
        CommandResult answer = context.Calls.Call(databaseIndex, Encoding.UTF8.GetString(line).Split(' '));
        LastAnswer = Encoding.UTF8.GetString(answer.Resp).TrimEnd();
    }

    /// <summary>A copy that the collector never moves, as arguments of calls have to be.</summary>
    private static byte[] Keep(ReadOnlySpan<byte> bytes)
    {
        byte[] copy = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(copy);
        return copy;
    }
}
