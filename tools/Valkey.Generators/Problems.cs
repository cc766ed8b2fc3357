// Problems.cs: everything this generator can complain about, and the form in which a complaint travels through the
// incremental pipeline: by value, since a Roslyn location would keep a whole old compilation alive.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Valkey.Generators;

internal static class Problems
{
    public static readonly DiagnosticDescriptor NoFacts = Error(
        "VKG001",
        "A command has no facts",
        "Command '{0}' has neither a record in commands.json nor an Arity on its attribute");

    public static readonly DiagnosticDescriptor BadFacts = Error(
        "VKG002",
        "Command facts cannot be read",
        "{0}: {1}");

    public static readonly DiagnosticDescriptor Duplicate = Error(
        "VKG003",
        "A command exists twice",
        "Command '{0}' is {1} twice");

    public static readonly DiagnosticDescriptor BadShape = Error(
        "VKG004",
        "A command's handler cannot be registered",
        "'{0}' cannot be registered: {1}");

    public static readonly DiagnosticDescriptor NoArity = Error(
        "VKG005",
        "Facts on an attribute need an arity",
        "Command '{0}' states {1} on its attribute, which counts only together with Arity");

    private static DiagnosticDescriptor Error(string id, string title, string format) =>
        new(id, title, format, "Commands", DiagnosticSeverity.Error, isEnabledByDefault: true);
}

internal sealed record Place(string Path, TextSpan Span, LinePositionSpan Lines)
{
    public static Place? Of(SyntaxReference? reference)
    {
        if (reference is null) return null;
        FileLinePositionSpan lines = reference.SyntaxTree.GetLineSpan(reference.Span);
        return new Place(lines.Path, reference.Span, lines.Span);
    }

    public Location ToLocation() => Location.Create(Path, Span, Lines);
}

internal sealed record Problem(DiagnosticDescriptor Descriptor, Place? Place, string Subject, string Detail = "")
{
    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(Descriptor, Place?.ToLocation() ?? Location.None, Subject, Detail);
}
