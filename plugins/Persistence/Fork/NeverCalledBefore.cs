// A method that the parent never calls: its first call, in a child, makes the runtime compile it there, which takes the
// locks that compiling takes. A child that comes back from it has found them all free, and nobody is left who could take them.
// Holds always: nothing in the parent calls it or has it prepared; it is compiled in steps like most methods are (no attribute
// that asks for its last form at once), as the locks of that are the ones in question.

using System.Runtime.CompilerServices;

namespace Valkey.Persistence.Fork;

internal static class NeverCalledBefore
{
    /// <summary>What it is given.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static byte Same(byte value) => value;
}
