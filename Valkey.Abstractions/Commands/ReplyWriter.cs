// Writes one reply. Each method is one RESP element; what exists in RESP3 only is written as its RESP2 form to old clients
// (https://valkey.io/topics/protocol/).

namespace Valkey.Abstractions;

/// <summary>Gives back what a shared bulk string borrowed. Called on any thread once the bytes were sent or dropped.</summary>
public delegate void ReleaseSharedBytes(nint owner);

/// <summary>The reply of a command, straight into the client's output buffer. Command thread only.</summary>
public abstract class ReplyWriter
{
    /// <summary>2 or 3: which form the methods below choose.</summary>
    public abstract int ProtocolVersion { get; }

    /// <summary><c>+OK</c>.</summary>
    public abstract void Ok();

    /// <summary>A simple string without CR and LF.</summary>
    public abstract void SimpleString(ReadOnlySpan<byte> text);

    /// <summary>An error. <paramref name="codeAndText"/> begins with its code, <c>ERR</c> or <c>WRONGTYPE</c>; CR and LF become spaces. Counted in INFO errorstats.</summary>
    public abstract void Error(string codeAndText);

    /// <summary>An error from bytes.</summary>
    public abstract void Error(ReadOnlySpan<byte> codeAndText);

    /// <summary><c>ERR syntax error</c>.</summary>
    public void SyntaxError() => Error("ERR syntax error"u8);

    /// <summary>An integer.</summary>
    public abstract void Integer(long value);

    /// <summary>A bulk string.</summary>
    public abstract void Bulk(ReadOnlySpan<byte> bytes);

    /// <summary>A bulk string in UTF-8.</summary>
    public abstract void Bulk(string text);

    /// <summary>An integer printed as a bulk string.</summary>
    public abstract void BulkInteger(long value);

    /// <summary>
    /// A large bulk string that is sent from where it lies. The bytes must stay unchanged until <paramref name="release"/>
    /// is called with <paramref name="owner"/>.
    /// </summary>
    public abstract void BulkShared(ReadOnlySpan<byte> bytes, nint owner, ReleaseSharedBytes release);

    /// <summary>Null: <c>_</c> in RESP3, the null bulk string in RESP2.</summary>
    public abstract void Null();

    /// <summary>Null where an array was expected: <c>_</c> in RESP3, the null array in RESP2.</summary>
    public abstract void NullArray();

    /// <summary>A double; a bulk string in RESP2.</summary>
    public abstract void Double(double value);

    /// <summary>A number printed by the caller: a double in RESP3, a bulk string in RESP2.</summary>
    public abstract void DoubleText(ReadOnlySpan<byte> text);

    /// <summary>A boolean; 1 or 0 in RESP2.</summary>
    public abstract void Boolean(bool value);

    /// <summary>A number of any size in decimal digits; a bulk string in RESP2.</summary>
    public abstract void BigNumber(ReadOnlySpan<byte> digits);

    /// <summary>A string with a three-letter format (<c>txt</c>, <c>mkd</c>); a bulk string in RESP2.</summary>
    public abstract void Verbatim(ReadOnlySpan<byte> format, ReadOnlySpan<byte> text);

    /// <summary>Announces an array of so many elements.</summary>
    public abstract void ArrayHeader(long count);

    /// <summary>Announces a map of so many pairs; an array of twice as many in RESP2.</summary>
    public abstract void MapHeader(long pairCount);

    /// <summary>Announces a set; an array in RESP2.</summary>
    public abstract void SetHeader(long count);

    /// <summary>Announces an attribute map; RESP3 only.</summary>
    public abstract void AttributeHeader(long pairCount);

    /// <summary>Announces an out-of-band push; an array in RESP2.</summary>
    public abstract void PushHeader(long count);

    /// <summary>Begins an aggregate whose length is not known yet. Close it with one of the End methods, innermost first.</summary>
    public abstract DeferredLength BeginDeferred();

    /// <summary>Closes a deferred array.</summary>
    public abstract void EndArray(DeferredLength deferred, long count);

    /// <summary>Closes a deferred map.</summary>
    public abstract void EndMap(DeferredLength deferred, long pairCount);

    /// <summary>Closes a deferred set.</summary>
    public abstract void EndSet(DeferredLength deferred, long count);

    /// <summary>Bytes that are RESP already.</summary>
    public abstract void Raw(ReadOnlySpan<byte> resp);
}

/// <summary>Where a deferred length will be written. Opaque.</summary>
public readonly record struct DeferredLength(long Token);
