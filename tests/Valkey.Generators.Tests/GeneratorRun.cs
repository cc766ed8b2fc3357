// Runs the generator over one source and its facts, as the compiler would, and keeps what came out of it.

using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Valkey.Generators.Tests;

internal sealed class GeneratorRun
{
    private static readonly ImmutableArray<MetadataReference> s_references =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path))];

    private readonly Compilation _input;
    private readonly Compilation _output;
    private GeneratorDriver _driver;

    private GeneratorRun(Compilation input, AdditionalText[] facts)
    {
        GeneratorDriverOptions options = new(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true);
        _input = input;
        CSharpParseOptions parsing = (CSharpParseOptions)input.SyntaxTrees.First().Options;
        _driver = CSharpGeneratorDriver.Create([new CommandGenerator().AsSourceGenerator()], facts, parsing, null, options);
        _driver = _driver.RunGeneratorsAndUpdateCompilation(input, out _output, out ImmutableArray<Diagnostic> problems);
        Problems = [.. problems.Select(problem => problem.ToString())];
    }

    /// <summary>What the generator complained about, as the compiler prints it.</summary>
    public string[] Problems { get; }

    /// <summary>What the compiler says against the source together with the generated files.</summary>
    public string[] CompilerErrors => [.. _output.GetDiagnostics()
        .Where(problem => problem.Severity >= DiagnosticSeverity.Warning)
        .Select(problem => problem.ToString())];

    public string[] FileNames => [.. _driver.GetRunResult().Results[0].GeneratedSources.Select(file => file.HintName)];

    public string Text(string fileName) => _driver.GetRunResult().Results[0].GeneratedSources
        .Single(file => file.HintName == fileName).SourceText.ToString();

    public static GeneratorRun Of(string source, params string[] facts)
    {
        CSharpParseOptions parsing = new(LanguageVersion.Preview);
        SyntaxTree[] trees =
        [
            CSharpSyntaxTree.ParseText(ContractStub.Source, parsing, "Contract.cs"),
            CSharpSyntaxTree.ParseText(source, parsing, "Source.cs"),
        ];
        CSharpCompilationOptions options = new(
            OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable);
        Compilation input = CSharpCompilation.Create("Tested", trees, s_references, options);
        return new GeneratorRun(input, [.. facts.Select((text, i) => new FactsText(text, i))]);
    }

    /// <summary>Why each output was made when the generator ran again after an unrelated source had been added.</summary>
    public IncrementalStepRunReason[] RunAgainAfterUnrelatedChange()
    {
        SyntaxTree unrelated = CSharpSyntaxTree.ParseText(
            "class Unrelated;", (CSharpParseOptions)_input.SyntaxTrees.First().Options, "Unrelated.cs");
        _driver = _driver.RunGenerators(_input.AddSyntaxTrees(unrelated));
        return [.. _driver.GetRunResult().Results[0].TrackedOutputSteps
            .SelectMany(steps => steps.Value)
            .SelectMany(step => step.Outputs)
            .Select(output => output.Reason)];
    }

    private sealed class FactsText(string text, int index) : AdditionalText
    {
        public override string Path => index == 0
            ? "commands.json"
            : string.Create(CultureInfo.InvariantCulture, $"more{index}/commands.json");

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }
}
