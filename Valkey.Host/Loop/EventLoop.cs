// The event loop: waits until descriptors are ready or a timer is due and calls their owners, all on the command thread.
//
// A turn: before-sleep hook, wait, after-sleep hook, ready descriptors, posted callbacks, due timers.
// Holds always: an owner is called only for the descriptor that it is registered for at that moment; one that was removed
// earlier in the same turn is not called any more.
// Readiness is level-triggered: what an owner leaves unread is reported again.

using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Valkey.Host.Loop;

/// <summary>Somebody who waits for a descriptor.</summary>
internal interface IReadinessHandler
{
    /// <summary>Called when the descriptor is readable (also at its end or on error) or writable.</summary>
    void OnReady(bool readable, bool writable);
}

/// <summary>epoll(7) behind the loop's contract. A second implementation would go by io_uring.</summary>
internal sealed unsafe class EventLoop : IDisposable
{
    private const int EventsPerWaitMax = 1024;

    private readonly int _epoll;
    private readonly int _wakeUp;
    private readonly Libc.EpollEvent* _events;
    private readonly ConcurrentQueue<Action> _posted = new();
    private IReadinessHandler?[] _handlers = new IReadinessHandler?[1024];
    private uint[] _interests = new uint[1024];
    private int _wakeUpPending;
    private int _isAsleep;
    private bool _stopped;

    public EventLoop(TimerQueue timers)
    {
        Timers = timers;
        _epoll = Check(Libc.EpollCreate(Libc.EpollCloexec), "epoll_create1");
        _wakeUp = Check(Libc.EventDescriptor(0, Libc.EfdNonblock | Libc.EfdCloexec), "eventfd");
        _events = (Libc.EpollEvent*)NativeMemory.Alloc(EventsPerWaitMax, (nuint)sizeof(Libc.EpollEvent));
        Control(Libc.EpollCtlAdd, _wakeUp, Libc.EpollIn);
    }

    /// <summary>The timers that this loop runs.</summary>
    public TimerQueue Timers { get; }

    /// <summary>Called before every wait; returns true when the wait must not block because work is left.</summary>
    public Func<bool>? BeforeSleep { get; set; }

    /// <summary>Called after every wait.</summary>
    public Action? AfterSleep { get; set; }

    /// <summary>The last wait ended with nothing to do.</summary>
    public bool WasIdle { get; private set; }

    /// <summary>Called for an exception that an owner or callback let through. It must not throw.</summary>
    public Action<Exception>? Failed { get; set; }

    /// <summary>Watches a descriptor. Any interest may be absent at first.</summary>
    public void Add(int descriptor, IReadinessHandler handler, bool readable, bool writable)
    {
        EnsureRoom(descriptor);
        uint interest = Interest(readable, writable);
        Control(Libc.EpollCtlAdd, descriptor, interest);
        _handlers[descriptor] = handler;
        _interests[descriptor] = interest;
    }

    /// <summary>Changes what is waited for.</summary>
    public void Modify(int descriptor, bool readable, bool writable)
    {
        uint interest = Interest(readable, writable);
        if (_interests[descriptor] == interest) return;
        Control(Libc.EpollCtlMod, descriptor, interest);
        _interests[descriptor] = interest;
    }

    /// <summary>Stops watching; call it before the descriptor is closed.</summary>
    public void Remove(int descriptor)
    {
        if ((uint)descriptor >= (uint)_handlers.Length || _handlers[descriptor] is null) return;
        _handlers[descriptor] = null;
        _interests[descriptor] = 0;
        _ = Libc.EpollControl(_epoll, Libc.EpollCtlDel, descriptor, null);
    }

    /// <summary>Runs a callback on the command thread in the next turn. Any thread.</summary>
    public void Post(Action callback)
    {
        _posted.Enqueue(callback);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isAsleep) == 0) return; // it looks before it sleeps
        if (Interlocked.Exchange(ref _wakeUpPending, 1) != 0) return;
        ulong one = 1;
        _ = Libc.Write(_wakeUp, &one, sizeof(ulong));
    }

    /// <summary>Ends <see cref="Run"/> after the present turn.</summary>
    public void Stop() => _stopped = true;

    /// <summary>Turns until stopped.</summary>
    public void Run()
    {
        while (!_stopped) Turn(mayBlock: true);
    }

    /// <summary>One turn. Without blocking it also serves clients in the middle of long work (loading, busy scripts).</summary>
    public int Turn(bool mayBlock)
    {
        bool workIsLeft = BeforeSleep?.Invoke() ?? false;
        int timeoutMs = !mayBlock || workIsLeft ? 0 : Timers.MillisecondsUntilNext();
        if (timeoutMs != 0) Interlocked.Exchange(ref _isAsleep, 1);
        if (!_posted.IsEmpty) timeoutMs = 0;
        int count = Libc.EpollWait(_epoll, _events, EventsPerWaitMax, timeoutMs);
        Volatile.Write(ref _isAsleep, 0);
        WasIdle = count <= 0;
        AfterSleep?.Invoke();
        for (int i = 0; i < count; i++) Dispatch(_events[i].Descriptor, _events[i].Events);
        RunPosted();
        Timers.RunDue(Failed);
        return Math.Max(count, 0);
    }

    public void Dispose()
    {
        _ = Libc.Close(_wakeUp);
        _ = Libc.Close(_epoll);
        NativeMemory.Free(_events);
    }

    private static uint Interest(bool readable, bool writable) =>
        (readable ? (uint)Libc.EpollIn : 0) | (writable ? (uint)Libc.EpollOut : 0);

    private void Dispatch(int descriptor, uint events)
    {
        if (descriptor == _wakeUp)
        {
            ulong value;
            _ = Libc.Read(_wakeUp, &value, sizeof(ulong));
            Interlocked.Exchange(ref _wakeUpPending, 0); // here only: set and no longer readable would mute who posts next
            return;
        }

        IReadinessHandler? handler = (uint)descriptor < (uint)_handlers.Length ? _handlers[descriptor] : null;
        if (handler is null) return;
        bool failed = (events & (Libc.EpollErr | Libc.EpollHup)) != 0;
        uint interest = _interests[descriptor];
        bool readable = (events & Libc.EpollIn) != 0 || (failed && (interest & Libc.EpollIn) != 0);
        bool writable = (events & Libc.EpollOut) != 0 || (failed && (interest & Libc.EpollOut) != 0);
        try
        {
            // A failed descriptor that nobody waits on would be reported for ever: its owner hears of it as readable.
            handler.OnReady(readable || (failed && !writable), writable);
        }
        catch (Exception exception) when (Failed is not null)
        {
            Failed(exception);
        }
    }

    private void RunPosted()
    {
        int limit = _posted.Count; // what is posted by the callbacks themselves waits for the next turn
        while (limit-- > 0 && _posted.TryDequeue(out Action? callback))
        {
            try
            {
                callback();
            }
            catch (Exception exception) when (Failed is not null)
            {
                Failed(exception);
            }
        }
    }

    private void EnsureRoom(int descriptor)
    {
        if (descriptor < _handlers.Length) return;
        int length = Math.Max(_handlers.Length * 2, descriptor + 1);
        Array.Resize(ref _handlers, length);
        Array.Resize(ref _interests, length);
    }

    private void Control(int operation, int descriptor, uint interest)
    {
        Libc.EpollEvent @event = new() { Events = interest, Descriptor = descriptor };
        Check(Libc.EpollControl(_epoll, operation, descriptor, &@event), "epoll_ctl");
    }

    private static int Check(int result, string call) =>
        result >= 0 ? result : throw new InvalidOperationException($"{call}: {Libc.LastErrorText()}");
}
