// How long the commit thread waits for company before it begins the next group.
//
// Those whom the last sync answered write again at once; begun before they have, the next group leaves them out, and the writers fall
// into two groups that take turns, each waiting for two syncs. On a slow disk a moment's wait brings them together.
// Beside readers the replies go out one by one over as long as a sync takes (see ReleasedQueue in the host), and a moment brings
// nobody. Waiting until the last is back then costs the writers nothing, as one group after two times of a sync is as much as two
// groups, and halves the syncs, each of which takes a processor from somebody. With shorter syncs the last would come too late.
// Clients that write when they like are not brought together by any wait; they would only wait longer. So after some waits in vain
// of either kind the next groups are begun at once, and then a wait tells whether it is so still.
// Holds always: it never waits much longer than a sync takes, and not for a single writer. The commit thread's.

namespace Valkey.Aof.Offload;

internal sealed class GroupCompany
{
    /// <summary>So many waits of a kind in a row are in vain before it gives that kind up: one may be by chance.</summary>
    public const int VainMax = 3;

    /// <summary>Groups that are begun at once when the kinds that there are for these syncs are given up.</summary>
    public const int RestGroups = 60;

    /// <summary>It waits for the last one only where a sync takes so long, microseconds: about what replies are spread over at most.</summary>
    public const long PatientSyncMinUs = 4500;

    /// <summary>A wait takes at least so long, and is given at most so long, a patient one longer, microseconds.</summary>
    public const long MinUs = 50, MaxUs = 2000, PatientMaxUs = 10_000;

    private const int Share = 4; // of a sync
    private const int PatientPercent = 110;

    private bool _isPatient, _mayBePatient;
    private int _vainCount, _restGroups;

    /// <summary>How long the next group is waited for since the last one's end, microseconds; 0 where it is not.</summary>
    /// <param name="lastCount">Commands of the last group.</param>
    /// <param name="lastSyncUs">What its sync took.</param>
    public long WaitUs(int lastCount, long lastSyncUs)
    {
        long waitUs = Math.Min(lastSyncUs / Share, MaxUs);
        if (lastCount <= 1 || waitUs < MinUs) return 0;
        _mayBePatient = lastSyncUs >= PatientSyncMinUs;
        _isPatient &= _mayBePatient;
        if (_isPatient) return Math.Min(lastSyncUs * PatientPercent / 100, PatientMaxUs);
        if (_restGroups == 0) return waitUs;
        _restGroups--;
        return 0;
    }

    /// <summary>A wait has ended.</summary>
    /// <param name="awaitedCount">So many commands were waited for.</param>
    /// <param name="comeCount">So many came.</param>
    public void Note(int awaitedCount, int comeCount)
    {
        // Whoever waits patiently would see half of those who write when they like, and is to see nearly all.
        int neededCount = _isPatient ? awaitedCount * 9 / 10 : awaitedCount / 2;
        _vainCount = comeCount < neededCount ? _vainCount + 1 : 0;
        if (_vainCount < VainMax) return;
        _isPatient = !_isPatient && _mayBePatient;
        _vainCount = _isPatient ? 0 : VainMax - 1; // after the rest one moment in vain is enough
        if (!_isPatient) _restGroups = RestGroups;
    }
}
