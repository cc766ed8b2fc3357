// CommandFacts.cs: what is known of one command, already in the words of the generated code. Being made of strings
// and numbers, two descriptions are equal when their text is, and an unchanged one costs nothing at the next build.

namespace Valkey.Generators;

internal sealed record CommandFacts(
    string Name,
    int Arity,
    string Flags,
    string Categories,
    string Group,
    string Since,
    EquatableArray<string> Tips,
    EquatableArray<KeySpecFacts> KeySpecs,
    string DocFlags,
    string Documentation);

/// <summary>Where a command's keys are.</summary>
/// <param name="Flags">An expression of the enum.</param>
/// <param name="Notes">What a reader of the facts should know, or null.</param>
/// <param name="Begin">An expression of <c>KeySpecBegin</c>.</param>
/// <param name="Find">The arguments of a <c>KeySpecFind</c>.</param>
internal sealed record KeySpecFacts(string Flags, string? Notes, string Begin, string Find)
{
    /// <summary>Keys at fixed places: every <paramref name="step"/>th argument from the first to the last.</summary>
    public static KeySpecFacts FromRange(string flags, int first, int last, int step) =>
        new(flags, null, IndexBegin(first), RangeFind(last < 0 ? last : last - first, step, limit: 0));

    public static string IndexBegin(int position) => $"new KeySpecBegin(KeySpecBeginKind.Index, {position}, null)";

    /// <summary><paramref name="lastKey"/> counts from the first key, or from the end of the arguments if negative.</summary>
    public static string RangeFind(int lastKey, int step, int limit) =>
        $"KeySpecFindKind.Range, LastKey: {lastKey}, Step: {step}, Limit: {limit}, KeyNumberIndex: 0, FirstKey: 0";
}
