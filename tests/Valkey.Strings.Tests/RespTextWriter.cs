// Replies as the text that would be sent, bytes as Latin-1. Shared bytes are read when the text is asked for, which is
// after the command: whoever changed them meanwhile is found out.

using System.Globalization;
using System.Text;
using Valkey.Abstractions;

namespace Valkey.Strings.Tests;

internal sealed unsafe class RespTextWriter(int protocolVersion) : ReplyWriter
{
    private readonly List<Func<string>> _parts = [];
    private readonly List<Action> _releases = [];

    public override int ProtocolVersion => protocolVersion;

    public string Text
    {
        get
        {
            StringBuilder text = new();
            foreach (Func<string> part in _parts) text.Append(part());
            return text.ToString();
        }
    }

    public void Clear()
    {
        _parts.Clear();
        foreach (Action release in _releases) release();
        _releases.Clear();
    }

    public override void Ok() => Add("+OK\r\n");

    public override void SimpleString(ReadOnlySpan<byte> text) => Add("+" + Latin(text) + "\r\n");

    public override void Error(string codeAndText) => Add("-" + codeAndText + "\r\n");

    public override void Error(ReadOnlySpan<byte> codeAndText) => Error(Latin(codeAndText));

    public override void Integer(long value) => Add(string.Create(CultureInfo.InvariantCulture, $":{value}\r\n"));

    public override void Bulk(ReadOnlySpan<byte> bytes) => Add($"${bytes.Length}\r\n{Latin(bytes)}\r\n");

    public override void Bulk(string text) => Bulk(Encoding.UTF8.GetBytes(text));

    public override void BulkInteger(long value) => Bulk(value.ToString(CultureInfo.InvariantCulture));

    public override void BulkShared(ReadOnlySpan<byte> bytes, nint owner, ReleaseSharedBytes release)
    {
        fixed (byte* start = bytes)
        {
            nint address = (nint)start;
            int length = bytes.Length;
            _parts.Add(() => $"${length}\r\n{Latin(new ReadOnlySpan<byte>((byte*)address, length))}\r\n");
        }

        _releases.Add(() => release(owner));
    }

    public override void Null() => Add(ProtocolVersion == 3 ? "_\r\n" : "$-1\r\n");

    public override void NullArray() => Add(ProtocolVersion == 3 ? "_\r\n" : "*-1\r\n");

    public override void Double(double value) => Bulk(value.ToString("R", CultureInfo.InvariantCulture));

    public override void DoubleText(ReadOnlySpan<byte> text) => Bulk(text);

    public override void Boolean(bool value) => Integer(value ? 1 : 0);

    public override void BigNumber(ReadOnlySpan<byte> digits) => Bulk(digits);

    public override void Verbatim(ReadOnlySpan<byte> format, ReadOnlySpan<byte> text) => Bulk(text);

    public override void ArrayHeader(long count) => Add($"*{count}\r\n");

    public override void MapHeader(long pairCount) => Add(ProtocolVersion == 3 ? $"%{pairCount}\r\n" : $"*{pairCount * 2}\r\n");

    public override void SetHeader(long count) => ArrayHeader(count);

    public override void AttributeHeader(long pairCount) => Add($"|{pairCount}\r\n");

    public override void PushHeader(long count) => ArrayHeader(count);

    public override DeferredLength BeginDeferred()
    {
        _parts.Add(static () => "");
        return new DeferredLength(_parts.Count - 1);
    }

    public override void EndArray(DeferredLength deferred, long count) => _parts[(int)deferred.Token] = () => $"*{count}\r\n";

    public override void EndMap(DeferredLength deferred, long pairCount) => EndArray(deferred, pairCount * 2);

    public override void EndSet(DeferredLength deferred, long count) => EndArray(deferred, count);

    public override void Raw(ReadOnlySpan<byte> resp) => Add(Latin(resp));

    private static string Latin(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    private void Add(string part) => _parts.Add(() => part);
}
