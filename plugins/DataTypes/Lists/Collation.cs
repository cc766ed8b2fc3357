// The order in which SORT ALPHA replies: that of the process's locale (locale-collate), as the C library has it. In the "C"
// locale that is the order of the bytes up to the first zero.

using System.Runtime.InteropServices;

namespace Valkey.Lists;

internal static unsafe partial class Collation
{
    /// <summary>Compares two texts that end with a zero byte.</summary>
    public static int Compare(byte* left, byte* right) => Collate(left, right);

    [LibraryImport("libc", EntryPoint = "strcoll")]
    private static partial int Collate(byte* left, byte* right);
}
