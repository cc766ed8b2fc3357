// Writes replies into the output buffer of the client whose command runs, in the version of RESP that it speaks.

using System.Runtime.CompilerServices;
using System.Text;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Host.Clients;

internal sealed unsafe class RespReplyWriter(IReplyObserver observer) : ReplyWriter
{
    private const int SharedMinBytes = 1024;
    private readonly OutputBuffer _discarded = new();
    private OutputBuffer _output = new();
    private int _protocolVersion = 2;

    /// <inheritdoc/>
    public override int ProtocolVersion => _protocolVersion;

    /// <summary>Number of replies begun that were errors, ever.</summary>
    public long ErrorCount { get; private set; }

    /// <summary>Bytes go to this buffer, in this version, from now on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Bind(OutputBuffer output, int protocolVersion)
    {
        _output = output;
        _protocolVersion = protocolVersion;
    }

    /// <summary>Bytes go nowhere (CLIENT REPLY OFF).</summary>
    public void BindNowhere(int protocolVersion)
    {
        if (_output != _discarded) _discarded.Clear(); // nested in a reply that is discarded too, that one's headers are still open
        Bind(_discarded, protocolVersion);
    }

    /// <summary>Whether bytes go nowhere.</summary>
    public bool IsDiscarding => _output == _discarded;

    /// <summary>A command's reply is complete: what of it went nowhere is forgotten.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ForgetDiscarded()
    {
        if (_output == _discarded) _discarded.Clear();
    }

    /// <summary>The buffer that is bound.</summary>
    public OutputBuffer Output => _output;

    public override void Ok() => _output.Append("+OK\r\n"u8);

    public override void SimpleString(ReadOnlySpan<byte> text)
    {
        byte* p = _output.Append(text.Length + 3);
        p[0] = (byte)'+';
        text.CopyTo(new Span<byte>(p + 1, text.Length));
        p[text.Length + 1] = (byte)'\r';
        p[text.Length + 2] = (byte)'\n';
    }

    public override void Error(string codeAndText)
    {
        // Texts that repeat a client's bytes hold one character per byte.
        bool isBytes = !codeAndText.AsSpan().ContainsAnyExceptInRange((char)0, (char)255);
        Error((isBytes ? Encoding.Latin1 : Encoding.UTF8).GetBytes(codeAndText));
    }

    public override void Error(ReadOnlySpan<byte> codeAndText)
    {
        byte* p = _output.Append(codeAndText.Length + 3);
        p[0] = (byte)'-';
        Span<byte> text = new(p + 1, codeAndText.Length);
        codeAndText.CopyTo(text);
        text.Replace((byte)'\r', (byte)' ');
        text.Replace((byte)'\n', (byte)' ');
        p[codeAndText.Length + 1] = (byte)'\r';
        p[codeAndText.Length + 2] = (byte)'\n';
        ErrorCount++;
        observer.OnError(codeAndText);
    }

    public override void Integer(long value) => Header((byte)':', value);

    public override void Bulk(ReadOnlySpan<byte> bytes)
    {
        byte* p = _output.Append(bytes.Length + RespFormat.HeaderMaxBytes + 2);
        int header = RespFormat.Header(p, (byte)'$', bytes.Length);
        bytes.CopyTo(new Span<byte>(p + header, bytes.Length));
        p[header + bytes.Length] = (byte)'\r';
        p[header + bytes.Length + 1] = (byte)'\n';
        _output.Unappend(RespFormat.HeaderMaxBytes - header);
    }

    public override void Bulk(string text)
    {
        Span<byte> bytes = text.Length <= 256 ? stackalloc byte[text.Length * 3] : new byte[Encoding.UTF8.GetByteCount(text)];
        Bulk(bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    public override void BulkInteger(long value)
    {
        Span<byte> digits = stackalloc byte[24];
        Bulk(digits[..IntegerText.Format(value, digits)]);
    }

    public override void BulkShared(ReadOnlySpan<byte> bytes, nint owner, ReleaseSharedBytes release)
    {
        if (_output == _discarded || bytes.Length < SharedMinBytes)
        {
            Bulk(bytes);
            release(owner);
            return;
        }

        Header((byte)'$', bytes.Length);
        _output.AppendShared(bytes, owner, release);
        _output.Append("\r\n"u8);
    }

    public override void Null() => _output.Append(_protocolVersion == 3 ? "_\r\n"u8 : "$-1\r\n"u8);

    public override void NullArray() => _output.Append(_protocolVersion == 3 ? "_\r\n"u8 : "*-1\r\n"u8);

    public override void Double(double value)
    {
        Span<byte> text = stackalloc byte[Structures.DoubleText.LengthMax];
        DoubleText(text[..Structures.DoubleText.Format(value, text)]);
    }

    public override void DoubleText(ReadOnlySpan<byte> text)
    {
        if (_protocolVersion == 3) Line((byte)',', text);
        else Bulk(text);
    }

    public override void Boolean(bool value)
    {
        if (_protocolVersion == 3) _output.Append(value ? "#t\r\n"u8 : "#f\r\n"u8);
        else Integer(value ? 1 : 0);
    }

    public override void BigNumber(ReadOnlySpan<byte> digits)
    {
        if (_protocolVersion == 3) Line((byte)'(', digits);
        else Bulk(digits);
    }

    public override void Verbatim(ReadOnlySpan<byte> format, ReadOnlySpan<byte> text)
    {
        if (_protocolVersion != 3)
        {
            Bulk(text);
            return;
        }

        Header((byte)'=', text.Length + 4);
        Span<byte> extension = stackalloc byte[4];
        for (int i = 0; i < 3; i++) extension[i] = i < format.Length ? format[i] : (byte)' ';
        extension[3] = (byte)':';
        _output.Append(extension);
        _output.Append(text);
        _output.Append("\r\n"u8);
    }

    public override void ArrayHeader(long count) => Header((byte)'*', count);

    public override void MapHeader(long pairCount) => Header(MapType, MapLength(pairCount));

    public override void SetHeader(long count) => Header(_protocolVersion == 3 ? (byte)'~' : (byte)'*', count);

    public override void AttributeHeader(long pairCount)
    {
        if (_protocolVersion != 3) throw new InvalidOperationException("Attributes exist in RESP3 only.");
        Header((byte)'|', pairCount);
    }

    public override void PushHeader(long count) => Header(_protocolVersion == 3 ? (byte)'>' : (byte)'*', count);

    public override DeferredLength BeginDeferred() => new(_output.BeginDeferred());

    public override void EndArray(DeferredLength deferred, long count) => EndDeferred(deferred, (byte)'*', count);

    public override void EndMap(DeferredLength deferred, long pairCount) => EndDeferred(deferred, MapType, MapLength(pairCount));

    public override void EndSet(DeferredLength deferred, long count) =>
        EndDeferred(deferred, _protocolVersion == 3 ? (byte)'~' : (byte)'*', count);

    public override void Raw(ReadOnlySpan<byte> resp) => _output.Append(resp);

    private byte MapType => _protocolVersion == 3 ? (byte)'%' : (byte)'*';

    private long MapLength(long pairCount) => _protocolVersion == 3 ? pairCount : pairCount * 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Header(byte type, long number)
    {
        byte* p = _output.Append(RespFormat.HeaderMaxBytes);
        _output.Unappend(RespFormat.HeaderMaxBytes - RespFormat.Header(p, type, number));
    }

    private void Line(byte type, ReadOnlySpan<byte> text)
    {
        byte* p = _output.Append(text.Length + 3);
        p[0] = type;
        text.CopyTo(new Span<byte>(p + 1, text.Length));
        p[text.Length + 1] = (byte)'\r';
        p[text.Length + 2] = (byte)'\n';
    }

    private void EndDeferred(DeferredLength deferred, byte type, long count)
    {
        byte* header = stackalloc byte[RespFormat.HeaderMaxBytes];
        int length = RespFormat.Header(header, type, count);
        _output.EndDeferred((int)deferred.Token, new ReadOnlySpan<byte>(header, length));
    }
}

/// <summary>Hears of every error reply, for statistics and transactions.</summary>
internal interface IReplyObserver
{
    void OnError(ReadOnlySpan<byte> codeAndText);
}
