// CommandGenerator.cs: joins handlers with facts. A handler says in code which command it is ([Command("sadd")]), the
// project's commands.json says everything else about that command, and the class that holds the handler gets a
// Register method which tells both to a registry. So a command is described in one place, and a start of the server
// parses no file and searches no assembly for attributes.
//
// Always: a command that cannot be described completely is a build error and not a command with defaults.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Valkey.Generators;

/// <summary>Writes <c>Register(ICommandRegistry)</c> into every class that has command handlers.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class CommandGenerator : IIncrementalGenerator
{
    private const string CommandAttribute = "Valkey.Abstractions.CommandAttribute";
    private const string ContainerAttribute = "Valkey.Abstractions.CommandContainerAttribute";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValueProvider<ImmutableArray<FactsFile>> facts = context.AdditionalTextsProvider
            .Where(FactsFile.IsFacts)
            .Select(FactsFile.Read)
            .Collect();

        IncrementalValueProvider<ImmutableArray<CommandMethod>> handlers = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                CommandAttribute,
                static (node, _) => node is MethodDeclarationSyntax,
                static (found, _) => new EquatableArray<CommandMethod>(CommandMethod.FromMethod(found)))
            .SelectMany(static (methods, _) => methods)
            .Collect();

        IncrementalValueProvider<ImmutableArray<CommandMethod>> containers = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                ContainerAttribute,
                static (node, _) => node is ClassDeclarationSyntax,
                static (found, _) => new EquatableArray<CommandMethod>(CommandMethod.FromContainer(found)))
            .SelectMany(static (methods, _) => methods)
            .Collect();

        context.RegisterSourceOutput(
            handlers.Combine(containers).Combine(facts),
            static (output, all) => Generate(output, all.Left.Left.AddRange(all.Left.Right), all.Right));
    }

    private static void Generate(
        SourceProductionContext output, ImmutableArray<CommandMethod> methods, ImmutableArray<FactsFile> files)
    {
        Dictionary<string, CommandFacts> table = BuildTable(output, files);
        bool tableIsWhole = files.All(file => file.Problem is null);
        HashSet<string> handled = new(StringComparer.Ordinal);
        List<(CommandMethod Method, CommandFacts Facts)> commands = [];

        foreach (CommandMethod method in methods)
        {
            CommandFacts? facts = method.OwnFacts;
            if (facts is null) table.TryGetValue(method.Command, out facts);

            bool isFirst = handled.Add(method.Command);
            Problem? problem = method.Problem;
            if (!isFirst) problem ??= new Problem(Problems.Duplicate, method.Place, method.Command, "handled");
            if (facts is null && tableIsWhole) problem ??= new Problem(Problems.NoFacts, method.Place, method.Command);

            if (problem is not null) output.ReportDiagnostic(problem.ToDiagnostic());
            else if (facts is not null) commands.Add((method, facts));
        }

        foreach (IGrouping<CommandClass, (CommandMethod Method, CommandFacts Facts)> ofClass in commands
            .OrderBy(command => command.Facts.Name, StringComparer.Ordinal)
            .GroupBy(command => command.Method.Class))
        {
            string text = RegistrationWriter.Write(ofClass.Key, [.. ofClass]);
            output.AddSource($"{ofClass.Key.FullName}.Register.g.cs", SourceText.From(text, Encoding.UTF8));
        }
    }

    private static Dictionary<string, CommandFacts> BuildTable(SourceProductionContext output, ImmutableArray<FactsFile> files)
    {
        Dictionary<string, CommandFacts> table = new(StringComparer.Ordinal);
        foreach (FactsFile file in files)
        {
            if (file.Problem is not null) output.ReportDiagnostic(file.Problem.ToDiagnostic());

            foreach (CommandFacts facts in file.Commands)
            {
                if (!table.ContainsKey(facts.Name)) table.Add(facts.Name, facts);
                else output.ReportDiagnostic(Twice(file, facts).ToDiagnostic());
            }
        }
        return table;
    }

    // The file is the place: the name in the message is found in it at once.
    private static Problem Twice(FactsFile file, CommandFacts facts) =>
        new(Problems.Duplicate, new Place(file.Path, default, default), facts.Name, "described");
}
