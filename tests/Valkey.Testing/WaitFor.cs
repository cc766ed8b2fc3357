// Waiting for something to become true, with a deadline instead of a guess at how long it takes.

using System.Diagnostics;

namespace Valkey.Testing;

/// <summary>Polls a condition until it holds or its deadline has passed.</summary>
public static class WaitFor
{
    private const int PollIntervalMs = 10;

    /// <summary>Returns once the condition holds; fails with the description when the deadline passes first.</summary>
    public static Task ConditionAsync(Func<bool> condition, string description, TimeSpan? deadline = null)
        => ConditionAsync(() => Task.FromResult(condition()), description, deadline);

    /// <summary>Returns once the condition holds; fails with the description when the deadline passes first.</summary>
    public static async Task ConditionAsync(Func<Task<bool>> condition, string description, TimeSpan? deadline = null)
    {
        if (!await HoldsWithinAsync(condition, deadline ?? TestEnvironment.DefaultTimeout).ConfigureAwait(false))
        {
            throw new TimeoutException($"Waited in vain until {description}.");
        }
    }

    /// <summary>Says whether the condition came to hold within the deadline.</summary>
    public static async Task<bool> HoldsWithinAsync(Func<Task<bool>> condition, TimeSpan deadline)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await condition().ConfigureAwait(false))
        {
            if (Stopwatch.GetElapsedTime(start) > deadline) return false;
            await Task.Delay(PollIntervalMs).ConfigureAwait(false);
        }

        return true;
    }
}
