namespace Valkey.Abstractions;

/// <summary>Callbacks on the command thread.</summary>
/// <remarks>Disposing the result cancels it; unloading the plugin cancels all of its timers. An exception is logged and ends the timer.</remarks>
public interface ITimers
{
    /// <summary>Calls once, not before the delay has passed.</summary>
    IDisposable After(TimeSpan delay, Action callback);

    /// <summary>Calls again and again; the period counts from the end of a call to the start of the next.</summary>
    IDisposable Every(TimeSpan period, Action callback);
}

/// <summary>Work away from the command thread. The work must not touch the keyspace.</summary>
public interface IBackgroundWork
{
    /// <summary>Runs work on a helper thread and then <paramref name="completed"/> on the command thread, with the exception that ended the work or null.</summary>
    void Run(string name, Action work, Action<Exception?>? completed = null);

    /// <summary>Runs a callback on the command thread soon. Any thread.</summary>
    void Post(Action callback);
}
