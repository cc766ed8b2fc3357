// Valkey's configuration as a source of Microsoft.Extensions.Configuration. Later sources win, as there; beside the flat
// view (last value of each name) a provider keeps its directives in order, because some add up (`loadmodule`, `save`).

using Microsoft.Extensions.Configuration;
using Valkey.Host.Text;

namespace Valkey.Host.Configuration;

/// <summary>A text in valkey.conf syntax: a file, standard input, or the command line written as lines.</summary>
internal sealed class DirectiveSource(ReadOnlyMemory<byte> text, int firstLineNumber) : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new DirectiveProvider(text, firstLineNumber);
}

/// <summary>The directives of one source.</summary>
internal sealed class DirectiveProvider(ReadOnlyMemory<byte> text, int firstLineNumber) : ConfigurationProvider
{
    public IReadOnlyList<ConfigDirective> Directives { get; private set; } = [];

    public override void Load()
    {
        Directives = ConfigurationText.Parse(text.Span, firstLineNumber);
        foreach (ConfigDirective directive in Directives) Data[directive.Name] = ArgumentLine.Join(directive.Arguments);
    }
}
