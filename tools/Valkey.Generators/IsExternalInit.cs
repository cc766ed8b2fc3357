// Lets a netstandard2.0 project use records: the compiler asks for this type by name.

namespace System.Runtime.CompilerServices;

internal static class IsExternalInit
{
}
