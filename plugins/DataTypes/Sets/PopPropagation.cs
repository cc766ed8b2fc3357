// PopPropagation: collects the members that SPOP took and propagates them as SREM, so many at a time. Command thread only: the
// arguments lie in one array for all.
// Holds always: what was added lives until it was propagated; members of tables are freed here, after that.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Sets;

internal ref struct PopPropagation
{
    private const int MembersMax = 1024;
    private const int HeadCount = 2;

    private static readonly PropagatedArgument[] s_arguments = new PropagatedArgument[HeadCount + MembersMax];
    private static readonly nint[] s_owned = new nint[MembersMax];

    private readonly CommandContext _ctx;
    private readonly bool _isWanted;
    private int _count;
    private int _ownedCount;

    /// <summary>Begins: what is added is propagated, the running command is not.</summary>
    public PopPropagation(CommandContext ctx, ReadOnlySpan<byte> key)
    {
        _ctx = ctx;
        _isWanted = ctx.PropagationWanted;
        ctx.DoNotPropagate();
        s_arguments[0] = "SREM"u8;
        s_arguments[1] = key;
    }

    /// <summary>A number was taken.</summary>
    public void Add(long member) => AddArgument(member);

    /// <summary>A text was taken that stays where it is until <see cref="Finish"/>.</summary>
    public void Add(scoped ReadOnlySpan<byte> member) => AddArgument(PropagatedArgument.From(member));

    /// <summary>A string was taken that nobody refers to any more.</summary>
    public void AddAndFree(PackedString member)
    {
        if (!_isWanted)
        {
            member.Free();
            return;
        }

        s_owned[_ownedCount++] = member.Address;
        AddArgument(member.Span);
    }

    /// <summary>Propagates what is left. May be called more than once.</summary>
    public void Finish()
    {
        if (_count > 0) _ctx.PropagateAlso(_ctx.DatabaseIndex, s_arguments.AsSpan(0, HeadCount + _count));
        _count = 0;
        for (int i = 0; i < _ownedCount; i++) new PackedString(s_owned[i]).Free();
        _ownedCount = 0;
    }

    private void AddArgument(PropagatedArgument member)
    {
        if (!_isWanted) return;

        s_arguments[HeadCount + _count++] = member;
        if (_count == MembersMax) Finish();
    }
}
