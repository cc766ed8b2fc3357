// A reply writer that keeps the reply as RESP text, in either version of the protocol.

using System.Globalization;
using System.Text;
using Valkey.Abstractions;

namespace Valkey.PluginTests.Fakes;

internal sealed class RespText(int protocolVersion) : ReplyWriter
{
    private readonly StringBuilder _text = new();

    /// <summary>The reply so far, every CRLF shown as a blank.</summary>
    public string Text => _text.ToString().TrimEnd();

    public override int ProtocolVersion => protocolVersion;

    private bool IsNew => protocolVersion == 3;

    public override void Ok() => Line("+OK");

    public override void SimpleString(ReadOnlySpan<byte> text) => Line("+" + Latin(text));

    public override void Error(string codeAndText) => Line("-" + codeAndText);

    public override void Error(ReadOnlySpan<byte> codeAndText) => Line("-" + Latin(codeAndText));

    public override void Integer(long value) => Line(":" + value);

    public override void Bulk(ReadOnlySpan<byte> bytes) => Line($"${bytes.Length} {Latin(bytes)}");

    public override void Bulk(string text) => Bulk(Encoding.UTF8.GetBytes(text));

    public override void BulkInteger(long value) => Bulk(value.ToString(CultureInfo.InvariantCulture));

    public override void BulkShared(ReadOnlySpan<byte> bytes, nint owner, ReleaseSharedBytes release)
    {
        Bulk(bytes);
        release(owner);
    }

    public override void Null() => Line(IsNew ? "_" : "$-1");

    public override void NullArray() => Line(IsNew ? "_" : "*-1");

    public override void Double(double value) => DoubleText(Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));

    public override void DoubleText(ReadOnlySpan<byte> text) => LineOrBulk(",", text);

    public override void Boolean(bool value) => Line(IsNew ? value ? "#t" : "#f" : value ? ":1" : ":0");

    public override void BigNumber(ReadOnlySpan<byte> digits) => LineOrBulk("(", digits);

    public override void Verbatim(ReadOnlySpan<byte> format, ReadOnlySpan<byte> text)
    {
        if (IsNew) Line($"={text.Length + 4} {Latin(format)}:{Latin(text)}");
        else Bulk(text);
    }

    public override void ArrayHeader(long count) => Line("*" + count);

    public override void MapHeader(long pairCount) => Line(IsNew ? "%" + pairCount : "*" + (pairCount * 2));

    public override void SetHeader(long count) => Line((IsNew ? "~" : "*") + count);

    public override void AttributeHeader(long pairCount) => Line("|" + pairCount);

    public override void PushHeader(long count) => Line((IsNew ? ">" : "*") + count);

    public override DeferredLength BeginDeferred() => new(_text.Length);

    public override void EndArray(DeferredLength deferred, long count) => End(deferred, "*" + count);

    public override void EndMap(DeferredLength deferred, long pairCount) =>
        End(deferred, IsNew ? "%" + pairCount : "*" + (pairCount * 2));

    public override void EndSet(DeferredLength deferred, long count) => End(deferred, (IsNew ? "~" : "*") + count);

    public override void Raw(ReadOnlySpan<byte> resp) => _text.Append(Latin(resp));

    private void End(DeferredLength deferred, string header) => _text.Insert((int)deferred.Token, header + " ");

    private void LineOrBulk(string prefix, ReadOnlySpan<byte> text)
    {
        if (IsNew) Line(prefix + Latin(text));
        else Bulk(text);
    }

    private void Line(string line) => _text.Append(line).Append(' ');

    private static string Latin(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
