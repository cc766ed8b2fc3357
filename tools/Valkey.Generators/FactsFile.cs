// FactsFile.cs: what came out of one commands.json: its facts, or the place where reading stopped.

using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Valkey.Generators;

internal sealed record FactsFile(string Path, EquatableArray<CommandFacts> Commands, Problem? Problem)
{
    public const string FileName = "commands.json";

    public static bool IsFacts(AdditionalText file) => System.IO.Path.GetFileName(file.Path) == FileName;

    public static FactsFile Read(AdditionalText file, CancellationToken cancel)
    {
        SourceText? source = file.GetText(cancel);
        if (source is null) return Failed(file.Path, SourceText.From(""), 0, "the file cannot be opened");

        try
        {
            return new FactsFile(file.Path, new EquatableArray<CommandFacts>(FactsReader.Read(source.ToString())), null);
        }
        catch (FactsFormatException wrong)
        {
            return Failed(file.Path, source, wrong.Offset, wrong.Message);
        }
    }

    private static FactsFile Failed(string path, SourceText source, int offset, string message)
    {
        TextSpan span = new(offset, 0);
        Place place = new(path, span, source.Lines.GetLinePositionSpan(span));
        return new FactsFile(path, new EquatableArray<CommandFacts>(Enumerable.Empty<CommandFacts>()),
            new Problem(Problems.BadFacts, place, System.IO.Path.GetFileName(path), message));
    }
}
