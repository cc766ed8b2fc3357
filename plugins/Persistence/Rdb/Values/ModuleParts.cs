// A module's data without its module: every part is marked with its kind, so it can be passed over.

namespace Valkey.Rdb;

internal static class ModuleParts
{
    /// <summary>Passes over parts up to and including the end mark.</summary>
    /// <exception cref="InvalidDataException">A part is of no known kind.</exception>
    public static void Skip(RdbInput input, string moduleName)
    {
        while (true)
        {
            ulong part = input.Length();
            switch (part)
            {
                case RdbModulePart.End: return;
                case RdbModulePart.SignedInteger or RdbModulePart.UnsignedInteger: _ = input.Length(); break;
                case RdbModulePart.Float: input.Skip(sizeof(float)); break;
                case RdbModulePart.Double: input.Skip(sizeof(double)); break;
                case RdbModulePart.String: input.SkipString(); break;
                default: throw new InvalidDataException($"Error reading data of the module '{moduleName}': a part of the unknown kind {part}");
            }
        }
    }
}
