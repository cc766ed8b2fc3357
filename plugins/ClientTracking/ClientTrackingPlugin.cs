// The ClientTracking plugin: says what there is. How it works is in the files named here and in docs/pubsub.md.

using System.Composition;
using Valkey.Abstractions;

namespace Valkey.ClientTracking;

/// <summary>Client-side caching: clients are told when keys that they may have cached change.</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class ClientTrackingPlugin : IValkeyPlugin
{
    /// <inheritdoc/>
    public string Name => "clienttracking";

    /// <inheritdoc/>
    public Version Version => typeof(ClientTrackingPlugin).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        Tracker tracker = new(context);
        TrackingCommands.Tracker = tracker;
        TrackingCommands.Register(context.Commands);
        context.Options.Add(tracker.KeyCountMax);
        context.Info.AddSection("Stats", info => WriteInfo(info, tracker));
    }

    /// <inheritdoc/>
    public void Unload() { } // what clients have ends with the registrations

    private static void WriteInfo(InfoWriter info, Tracker tracker)
    {
        info.Field("tracking_total_keys", tracker.KeyCount);
        info.Field("tracking_total_items", tracker.ItemCount);
        info.Field("tracking_total_prefixes", tracker.Broadcasts.PrefixCount);
    }
}
