// Says what is wrong in a facts file and at which character; the generator turns it into diagnostic VKG002.

using System;

namespace Valkey.Generators;

internal sealed class FactsFormatException : Exception
{
    public FactsFormatException(int offset, string message) : base(message) => Offset = offset;

    public int Offset { get; }
}
