// A key event that is delivered once its change is durable: a copy, since the event itself is valid during the call only.

using Valkey.Abstractions;

namespace Valkey.Host.Plugins;

/// <summary>Calls a subscriber when the change is durable. It outlives the client: the change happened, whoever asked for it.</summary>
internal sealed class DurableKeyEvent(KeyspaceEventHandler handler, in KeyspaceEventInfo info) : PostCommitTask
{
    private readonly KeyspaceEvent _eventClass = info.EventClass;
    private readonly byte[] _name = info.Name.ToArray();
    private readonly byte[] _key = info.Key.ToArray();
    private readonly int _databaseIndex = info.DatabaseIndex;

    /// <inheritdoc/>
    public override bool OutlivesClient => true;

    /// <inheritdoc/>
    public override void Run() => handler(new KeyspaceEventInfo(_eventClass, _name, _key, _databaseIndex));
}
