// Messages that were pushed to clients wait a moment for more while requests keep coming: every sending is a system call, and a
// publisher's next messages are often here before a hundred subscribers have been sent the last one. So they are sent together.
//
// How long: as long as the last sending of all took, a millisecond at most. Where a message goes to few, that is nothing; where it
// goes to many, the last of them waits about twice as long as it did anyway. When no request came, nothing waits at all.
// Holds always: a client that is in the list has the flag; whoever sends to it for another reason clears it. Command thread only.

using System.Diagnostics;

namespace Valkey.Host.Clients;

internal sealed class PushQueue
{
    public const int SizeMaxBytes = 4096; // longer messages gain nothing from company
    private const long WaitMaxMs = 1;

    private static readonly long s_waitMaxTicks = WaitMaxMs * Stopwatch.Frequency / 1000;

    private List<Client> _waiting = [];
    private List<Client> _sending = [];
    private long _firstTicks;
    private long _lastSendingTicks;

    /// <summary>Somebody waits to be sent to.</summary>
    public bool HasAny => _waiting.Count > 0;

    /// <summary>The client has output that may wait.</summary>
    /// <param name="client">Not in the list.</param>
    /// <param name="nowTicks">The turn's time.</param>
    public void Add(Client client, long nowTicks)
    {
        if (_waiting.Count == 0) _firstTicks = nowTicks;
        client.Set(ClientFlags.PendingPush);
        _waiting.Add(client);
    }

    /// <summary>It is time to send.</summary>
    /// <param name="isIdle">The loop's last wait found nothing to do.</param>
    /// <param name="nowTicks">The turn's time.</param>
    public bool IsDue(bool isIdle, long nowTicks) =>
        HasAny && (isIdle || nowTicks - _firstTicks >= Math.Min(_lastSendingTicks, s_waitMaxTicks));

    /// <summary>Takes all out of the list; they are to be sent to, but for those whose flag somebody has cleared.</summary>
    public List<Client> Take()
    {
        (_waiting, _sending) = (_sending, _waiting);
        return _sending;
    }

    /// <summary>Those that were taken have been sent to.</summary>
    /// <param name="durationTicks">How long that took.</param>
    public void Sent(long durationTicks)
    {
        _lastSendingTicks = durationTicks;
        _sending.Clear();
    }
}
