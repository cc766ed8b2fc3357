// Who follows which keys are read and which change: client-side caching. Unlike key events this is about every change of a
// key, whatever it is called, once per command that signals it.

namespace Valkey.Abstractions;

/// <summary>
/// Hears of keys as commands read and change them. Command thread; registered by <see cref="IKeyspaceEvents.Observe"/>, and
/// worth a cost per command only while it is: dispose of the registration when nobody needs it.
/// </summary>
public abstract class KeyAccessObserver
{
    /// <summary>
    /// A client marked with <see cref="TrackingMarks.ReportsReads"/> ran a read-only command that names this key. One call per
    /// key, behind the command.
    /// </summary>
    public abstract void KeyRead(IClient client, ReadOnlySpan<byte> key);

    /// <summary>A key changed, or is gone.</summary>
    public abstract void KeyChanged(int databaseIndex, ReadOnlySpan<byte> key);

    /// <summary>A database, or all of them, were emptied.</summary>
    public abstract void AllKeysChanged();

    /// <summary>
    /// A request of a client marked with <see cref="TrackingMarks.On"/> is over, and it is not in the middle of a transaction.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="isClientCommand">It was one of the CLIENT commands.</param>
    public abstract void RequestEnded(IClient client, bool isClientCommand);

    /// <summary>The requests that had arrived are done and replies are about to be sent.</summary>
    public abstract void TurnEnding();
}
