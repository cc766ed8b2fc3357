// CommandMethod.cs: one [Command] of a method, or one [CommandContainer] of a class, as values that can be compared.
// Only what the registration needs is taken from the symbols, and no symbol is kept.

using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Valkey.Generators;

/// <summary>The class that gets a Register method.</summary>
internal sealed record CommandClass(string Namespace, string Name, string Accessibility)
{
    public string FullName => Namespace.Length == 0 ? Name : Namespace + "." + Name;

    public static CommandClass Of(INamedTypeSymbol type) => new(
        type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(),
        type.Name,
        SyntaxFacts.GetText(type.DeclaredAccessibility));

    /// <summary>What forbids to add a method to the class, or null.</summary>
    public static string? Obstacle(INamedTypeSymbol type)
    {
        if (type.ContainingType is not null) return "its class is nested in another";
        if (!type.IsStatic || type.IsGenericType) return "its class is not a plain static class";

        return type.DeclaringSyntaxReferences
            .Select(reference => reference.GetSyntax())
            .OfType<ClassDeclarationSyntax>()
            .All(declaration => declaration.Modifiers.Any(SyntaxKind.PartialKeyword))
                ? null
                : "its class is not partial";
    }
}

/// <summary>A command of a class; without a handler it is a pure container.</summary>
internal sealed record CommandMethod(
    CommandClass Class,
    string Command,
    string? Handler,
    string? KeyFinder,
    CommandFacts? OwnFacts,
    Place? Place,
    Problem? Problem)
{
    public static IEnumerable<CommandMethod> FromMethod(GeneratorAttributeSyntaxContext context)
    {
        IMethodSymbol method = (IMethodSymbol)context.TargetSymbol;
        string? obstacle = CommandClass.Obstacle(method.ContainingType);
        if (obstacle is null && !method.IsStatic) obstacle = "it is not static";
        if (obstacle is null && method.IsGenericMethod) obstacle = "it is generic";

        foreach (AttributeData attribute in context.Attributes)
        {
            if (CommandName(attribute) is not { } command) continue;

            Place? place = Place.Of(attribute.ApplicationSyntaxReference);
            AttributeFacts facts = new(attribute, command);
            Problem? problem = obstacle is not null
                ? new Problem(Problems.BadShape, place, method.Name, obstacle)
                : facts.StrayNames is { } names ? new Problem(Problems.NoArity, place, command, names) : null;
            yield return new CommandMethod(CommandClass.Of(method.ContainingType), command, method.Name,
                facts.KeyFinder, facts.Read(), place, problem);
        }
    }

    public static IEnumerable<CommandMethod> FromContainer(GeneratorAttributeSyntaxContext context)
    {
        INamedTypeSymbol type = (INamedTypeSymbol)context.TargetSymbol;
        string? obstacle = CommandClass.Obstacle(type);

        foreach (AttributeData attribute in context.Attributes)
        {
            if (CommandName(attribute) is not { } command) continue;

            Place? place = Place.Of(attribute.ApplicationSyntaxReference);
            Problem? problem = obstacle is null ? null : new Problem(Problems.BadShape, place, type.Name, obstacle);
            yield return new CommandMethod(CommandClass.Of(type), command, null, null, null, place, problem);
        }
    }

    // No name means that the compiler has already complained about the attribute.
    private static string? CommandName(AttributeData attribute) =>
        attribute.ConstructorArguments.Length == 1 ? attribute.ConstructorArguments[0].Value as string : null;
}
