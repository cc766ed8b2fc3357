namespace Valkey.Rdb;

/// <summary>Takes the elements of an old encoding one by one.</summary>
internal interface IElementSink
{
    /// <summary>A string; valid during the call.</summary>
    void Text(ReadOnlySpan<byte> bytes);

    /// <summary>A number.</summary>
    void Integer(long value);
}
