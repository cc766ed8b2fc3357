// The Lists plugin: says what there is. How it works is in the files named here.

using System.Composition;
using Valkey.Abstractions;

namespace Valkey.Lists;

/// <summary>The list data type, its commands, and SORT, which makes a list of any collection.</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class ListsPlugin : IValkeyPlugin
{
    /// <inheritdoc/>
    public string Name => "lists";

    /// <inheritdoc/>
    public Version Version => typeof(ListsPlugin).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        context.DataTypes.Add(ListType.Descriptor);
        ListOptions.Register(context.Options);

        PushCommands.Register(context.Commands);
        PopCommands.Register(context.Commands);
        BlockingPopCommands.Register(context.Commands);
        MoveCommands.Register(context.Commands);
        ReadCommands.Register(context.Commands);
        SearchCommand.Register(context.Commands);
        EditCommands.Register(context.Commands);
        SortCommands.UseTypes(context.DataTypes);
        SortCommands.Register(context.Commands);
    }

    /// <inheritdoc/>
    public void Unload() { } // nothing of ours outlives the registries: no thread, no timer, no subscription
}
