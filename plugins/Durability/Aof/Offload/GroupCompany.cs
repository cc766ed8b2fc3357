// How long the commit thread waits for company before it begins the next group.
//
// Those whom the last sync answered write again at once; begun before they have, the next group leaves them out, and the writers fall
// into two groups that take turns, each waiting for two syncs. On a slow disk a moment's wait brings them together.
// Beside readers the replies go out one by one over most of a sync (see ReleasedQueue in the host): then most cannot be back in time
// whatever it waits. So after some waits in vain the next groups are begun at once, and then one wait tells whether it is so still.
// Holds always: it never waits longer than a quarter of a sync, and not for a single writer. The commit thread's.

namespace Valkey.Aof.Offload;

internal sealed class GroupCompany
{
    /// <summary>So many waits in a row are in vain before it gives up: one may be by chance.</summary>
    public const int VainMax = 3;

    /// <summary>Groups that are begun at once then.</summary>
    public const int RestGroups = 15;

    /// <summary>A wait takes at least so long, and is given at most so long, microseconds.</summary>
    public const long MinUs = 50, MaxUs = 2000;

    private const int Share = 4;

    private int _vainCount, _restGroups;

    /// <summary>How long the next group is waited for since the last one's end, microseconds; 0 where it is not.</summary>
    /// <param name="lastCount">Commands of the last group.</param>
    /// <param name="lastSyncUs">What its sync took.</param>
    public long WaitUs(int lastCount, long lastSyncUs)
    {
        long waitUs = Math.Min(lastSyncUs / Share, MaxUs);
        if (lastCount <= 1 || waitUs < MinUs) return 0;
        if (_restGroups == 0) return waitUs;
        _restGroups--;
        return 0;
    }

    /// <summary>A wait has ended.</summary>
    /// <param name="awaitedCount">So many commands were waited for.</param>
    /// <param name="comeCount">So many came.</param>
    public void Note(int awaitedCount, int comeCount)
    {
        _vainCount = comeCount < awaitedCount / 2 ? Math.Min(_vainCount + 1, VainMax) : 0;
        if (_vainCount == VainMax) _restGroups = RestGroups;
    }
}
