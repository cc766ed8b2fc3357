// First, last key and step: what clients knew before key specifications. Derived from them.

using Valkey.Abstractions;

namespace Valkey.Host.Commands;

internal static class LegacyKeys
{
    /// <summary>The triple, zeros for none, and whether it tells only part of the truth.</summary>
    public static (int First, int Last, int Step, bool Movable) Of(CommandDefinition definition)
    {
        int first = int.MaxValue;
        int last = 0;
        int step = 0;
        int previousLast = 0;
        bool movable = definition.KeyFinder is not null && definition.KeySpecs.Length == 0;
        bool found = false;
        foreach (KeySpec spec in definition.KeySpecs)
        {
            if (spec.Begin.Kind != KeySpecBeginKind.Index || spec.Find.Kind != KeySpecFindKind.Range || Has(spec, KeySpecFlags.Incomplete))
            {
                movable = true;
                continue;
            }

            if (found && !Continues(spec, previousLast, step))
            {
                movable = true;
                continue;
            }

            if (found && previousLast < 0) movable = true; // nothing can follow a range that goes to the end
            first = Math.Min(first, spec.Begin.Position);
            int lastOfSpec = spec.Find.LastKey >= 0 ? spec.Begin.Position + spec.Find.LastKey : spec.Find.LastKey;
            last = found && lastOfSpec >= 0 ? Math.Max(last, lastOfSpec) : lastOfSpec;
            if (spec.Find.Limit > 1) movable = true;
            if (!found) step = spec.Find.Step;
            previousLast = lastOfSpec;
            found = true;
        }

        return found ? (first, last, step, movable) : (0, 0, 0, movable);
    }

    private static bool Continues(KeySpec spec, int previousLast, int step) =>
        previousLast >= 0 && spec.Begin.Position == previousLast + 1 && spec.Find.Step == step;

    private static bool Has(KeySpec spec, KeySpecFlags flags) => (spec.Flags & flags) != 0;
}
