// Throws replies away, so that what is allocated while a command runs is the command's.

using Valkey.Abstractions;

namespace Valkey.Sets.Tests;

internal sealed class QuietWriter : ReplyWriter
{
    public int ErrorCount { get; private set; }

    public override int ProtocolVersion => 2;

    public override void Ok() { }

    public override void SimpleString(ReadOnlySpan<byte> text) { }

    public override void Error(string codeAndText) => ErrorCount++;

    public override void Error(ReadOnlySpan<byte> codeAndText) => ErrorCount++;

    public override void Integer(long value) { }

    public override void Bulk(ReadOnlySpan<byte> bytes) { }

    public override void Bulk(string text) { }

    public override void BulkInteger(long value) { }

    public override void BulkShared(ReadOnlySpan<byte> bytes, nint owner, ReleaseSharedBytes release) => release(owner);

    public override void Null() { }

    public override void NullArray() { }

    public override void Double(double value) { }

    public override void DoubleText(ReadOnlySpan<byte> text) { }

    public override void Boolean(bool value) { }

    public override void BigNumber(ReadOnlySpan<byte> digits) { }

    public override void Verbatim(ReadOnlySpan<byte> format, ReadOnlySpan<byte> text) { }

    public override void ArrayHeader(long count) { }

    public override void MapHeader(long pairCount) { }

    public override void SetHeader(long count) { }

    public override void AttributeHeader(long pairCount) { }

    public override void PushHeader(long count) { }

    public override DeferredLength BeginDeferred() => default;

    public override void EndArray(DeferredLength deferred, long count) { }

    public override void EndMap(DeferredLength deferred, long pairCount) { }

    public override void EndSet(DeferredLength deferred, long count) { }

    public override void Raw(ReadOnlySpan<byte> resp) { }
}
