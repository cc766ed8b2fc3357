// The KeyAudit module: listens to key events at the moment of the change. What is kept is AuditLog.cs, what clients may ask
// is AuditCommands.cs, how event classes are written is EventClasses.cs.
// Holds always: there is one subscription, to the classes that keyaudit.events names.

using System.Composition;
using Valkey.Abstractions;

namespace Valkey.Samples.KeyAudit;

/// <summary>Registers the options, the subscription, the commands and a section of INFO.</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class KeyAuditModule : IValkeyPlugin
{
    private const string UnknownClass = "argument must be made of the letters of event classes, g$lshzxetdmnA";

    private readonly StringOption _events = new("events", "A");
    private readonly IntegerOption _ringSize = new("ring-size", 128, min: 1, max: AuditLog.RingSizeMax);
    private readonly BoolOption _onceDurable = new("once-durable", false);
    private IDisposable? _subscription;

    /// <inheritdoc/>
    public string Name => "keyaudit";

    /// <inheritdoc/>
    public Version Version => typeof(KeyAuditModule).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        _events.Validate = arguments => EventClasses.TryParse(arguments[0], out _) ? null : UnknownClass;
        context.Options.Add(_events); // a value from the file or from MODULE LOADEX is in it from here on
        context.Options.Add(_ringSize);
        context.Options.Add(_onceDurable);
        AuditLog log = new((int)_ringSize.Value);
        AuditCommands.Log = log;

        // CONFIG SET changes what we listen to while the server runs.
        _events.Applied = _onceDurable.Applied = () => Subscribe(context.Events, log);
        _ringSize.Applied = () => log.Resize((int)_ringSize.Value);
        Subscribe(context.Events, log);

        AuditCommands.Register(context.Commands);
        context.Info.AddSection("keyaudit", info => WriteInfo(info, log));
    }

    /// <inheritdoc/>
    public void Unload() { } // the subscription ends with the other registrations

    private string? Subscribe(IKeyspaceEvents events, AuditLog log)
    {
        if (!EventClasses.TryParse(_events.Value, out KeyspaceEvent mask)) return UnknownClass;
        _subscription?.Dispose();
        _subscription = events.Subscribe(mask, log.Append, _onceDurable.Value ? KeyEventDelivery.OnceDurable : KeyEventDelivery.Inline);
        return null;
    }

    private void WriteInfo(InfoWriter info, AuditLog log)
    {
        info.Field("keyaudit_events", _events.Value);
        info.Field("keyaudit_seen", log.SeenCount);
        info.Field("keyaudit_kept", log.KeptCount);
        foreach (EventClass eventClass in EventClasses.All)
            info.Field("keyaudit_" + eventClass.Name, log.CountOf(eventClass.Flag));
    }
}
