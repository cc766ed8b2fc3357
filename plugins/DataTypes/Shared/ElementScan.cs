// What HSCAN, SSCAN and ZSCAN have in common: their options, how far one call goes, the head of the reply.
//
// Compiled into each of the plugins: a plugin references no other, and the loop of each runs over its own table without a call
// that is not inlined. Command thread only; no managed allocation but the list's room, which is kept.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.DataTypes.Shared;

/// <summary>The option by which an element comes without what belongs to it. The other one is refused with its own error.</summary>
internal enum BareOption
{
    None,
    NoValues,
    NoScores,
}

/// <summary>[MATCH pattern] [COUNT count] and NOVALUES or NOSCORES.</summary>
internal struct ScanOptions
{
    private const long CountDefault = 10;

    /// <summary>Buckets visited per element asked for, at most: in a sparse table a call gives up rather than take long.</summary>
    private const long BucketsPerElementMax = 10;

    private int _patternIndex; // 0: no pattern

    /// <summary>Elements that are wanted.</summary>
    public long Count;

    /// <summary>NOVALUES or NOSCORES was given.</summary>
    public bool IsBare;

    /// <summary>How many buckets may be visited for them.</summary>
    public readonly long BucketCountMax => Math.Min(Count, long.MaxValue / BucketsPerElementMax) * BucketsPerElementMax;

    /// <summary>Whether an element of this name is to be replied.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Takes(CommandContext ctx, ReadOnlySpan<byte> name) =>
        _patternIndex == 0 || GlobPattern.Matches(ctx.Argument(_patternIndex), name, ignoreCase: false);

    /// <summary>Reads what stands behind key and cursor; false after replying an error.</summary>
    /// <param name="ctx">The command.</param>
    /// <param name="allowed">The option that this command has.</param>
    /// <param name="options">What was read.</param>
    public static bool TryRead(CommandContext ctx, BareOption allowed, out ScanOptions options)
    {
        options = new ScanOptions { Count = CountDefault };
        for (int i = 3; i < ctx.ArgumentCount; i++)
        {
            bool hasValue = i + 1 < ctx.ArgumentCount;
            if (hasValue && ctx.ArgumentIs(i, "count"u8))
            {
                if (!ctx.TryInteger(++i, out options.Count)) return false;
                if (options.Count < 1) return Refuse(ctx, "ERR syntax error"u8);
            }
            else if (hasValue && ctx.ArgumentIs(i, "match"u8))
            {
                options._patternIndex = ctx.Argument(++i) is [(byte)'*'] ? 0 : i;
            }
            else if (ctx.ArgumentIs(i, "novalues"u8))
            {
                if (allowed != BareOption.NoValues) return Refuse(ctx, "ERR NOVALUES option can only be used in HSCAN"u8);
                options.IsBare = true;
            }
            else if (ctx.ArgumentIs(i, "noscores"u8))
            {
                if (allowed != BareOption.NoScores) return Refuse(ctx, "ERR NOSCORES option can only be used in ZSCAN"u8);
                options.IsBare = true;
            }
            else
            {
                return Refuse(ctx, "ERR syntax error"u8);
            }
        }

        return true;
    }

    private static bool Refuse(CommandContext ctx, ReadOnlySpan<byte> error)
    {
        ctx.Reply.Error(error);
        return false;
    }
}

/// <summary>The elements that one call has met, by their addresses.</summary>
internal static class ScanFound
{
    private const int CapacityMax = 4096; // a huge COUNT is the exception

    /// <summary>In the order in which they were met.</summary>
    public static readonly List<nint> Addresses = [];

    /// <summary>Forgets what the call before has met.</summary>
    public static void Clear() => Addresses.Clear();

    /// <summary>The reply is written: only a usual room is kept.</summary>
    public static void Trim()
    {
        if (Addresses.Capacity <= CapacityMax) return;
        Addresses.Clear();
        Addresses.Capacity = 0;
    }

    /// <summary>Adds what it is shown.</summary>
    public struct Collector : IEntryVisitor
    {
        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Visit(nint entry) => Addresses.Add(entry);
    }
}

/// <summary>The head of the reply.</summary>
internal static class ScanReply
{
    /// <summary>The cursor of the next call, 0 when this was the last; the array of elements follows.</summary>
    public static void Cursor(ReplyWriter reply, ulong cursor)
    {
        Span<byte> digits = stackalloc byte[20];
        cursor.TryFormat(digits, out int length);
        reply.ArrayHeader(2);
        reply.Bulk(digits[..length]);
    }

    /// <summary>There is no such key.</summary>
    public static void Nothing(ReplyWriter reply)
    {
        Cursor(reply, 0);
        reply.ArrayHeader(0);
    }
}
