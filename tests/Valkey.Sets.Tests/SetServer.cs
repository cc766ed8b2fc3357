// The server of the tests of sets: its commands.

using Valkey.Abstractions;
using Valkey.Structures;
using Valkey.TypeTests;

namespace Valkey.Sets.Tests;

internal sealed class SetServer : TypeServer
{
    public SetServer(int protocolVersion = 2, ReplyWriter? quietWriter = null)
        : base(SetType.Descriptor, protocolVersion, quietWriter)
    {
        SetCommands.Register(Commands);
        MembershipCommands.Register(Commands);
        PopCommand.Register(Commands);
        RandomMemberCommand.Register(Commands);
        IntersectionCommands.Register(Commands);
        UnionCommands.Register(Commands);
        DifferenceCommands.Register(Commands);
        SetScanCommand.Register(Commands);
    }

    /// <summary>The members, sorted.</summary>
    public List<string> Members(string key)
    {
        List<string> members = [];
        KeyEntry entry = LookupRead(Bytes(key));
        if (!entry.Exists) return members;
        MemberWalk walk = new(Sets.SetValue.Of(ValueOf(entry)), new byte[IntegerText.LengthMax]);
        while (walk.MoveNext()) members.Add(Name(walk.Text));
        members.Sort(StringComparer.Ordinal);
        return members;
    }
}
