// A helper thread that waits for the disk, so that the command thread does not.
//
// Between two pieces of work, and inside every call that may wait for the disk, it stands at its gate: so a fork never has to
// wait for a slow disk. That is safe, because such a call touches nothing that a forked child would need.
// Holds always: after Wake, HasWork is looked at once more; what was published before Wake is seen.

using Valkey.Abstractions;
using Valkey.Aof.Files;

namespace Valkey.Aof.Writing;

internal abstract unsafe class DiskThread
{
    private readonly IHelperThreads _helpers;
    private readonly string _name;
    private readonly int _wakeUp;
    private int _isAsleep;
    private volatile bool _isEnding;
    private Thread? _thread;

    protected DiskThread(IHelperThreads helpers, string name)
    {
        _helpers = helpers;
        _name = name;
        _wakeUp = Libc.EventDescriptor(0, Libc.EventCloseOnExec);
        if (_wakeUp < 0) throw new InvalidOperationException($"eventfd: {Libc.LastErrorText}");
    }

    /// <summary>The thread's place at the gate; set before the first work.</summary>
    protected IHelperGate Gate { get; private set; } = null!;

    /// <summary>Options say which processors it runs on. The thread's own.</summary>
    protected bool IsBound { get; private set; }

    /// <summary>There is something to do. Both threads.</summary>
    protected abstract bool HasWork { get; }

    /// <summary>There is something to do, or it shall look again. Command thread; it starts the thread when there is none yet.</summary>
    public void Wake()
    {
        if (_thread is null) Start();
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isAsleep) != 0) Signal();
    }

    /// <summary>Ends the thread behind the work that it is at, and waits for it. Command thread.</summary>
    public void Stop()
    {
        _isEnding = true;
        if (_thread is not null)
        {
            Signal();
            _thread.Join();
        }

        _ = Libc.Close(_wakeUp);
    }

    /// <summary>Comes to the command thread's processor. The thread's own.</summary>
    protected void JoinCommandThread() => _helpers.JoinCommandThread();

    /// <summary>Ends <see cref="Nap"/>, the present one or the next. Any thread.</summary>
    protected void Signal()
    {
        ulong one = 1;
        _ = Libc.Write(_wakeUp, &one, sizeof(ulong));
    }

    /// <summary>Sleeps for so long in the midst of work, or until <see cref="Signal"/>. The thread's own.</summary>
    protected void Nap(long microseconds)
    {
        Gate.Enter();
        if (Libc.WaitReadable(_wakeUp, microseconds)) TakeSignal();
        Gate.Leave();
    }

    /// <summary>Does one piece of work. The thread's own.</summary>
    protected abstract void Work();

    private void Start()
    {
        Gate = _helpers.Register(_name); // here: the thread counts before its first step
        _thread = new Thread(Loop) { IsBackground = true, Name = _name };
        _thread.Start();
    }

    private void Loop()
    {
        IsBound = _helpers.BindThread();
        while (!_isEnding)
        {
            if (HasWork) Work();
            else Sleep();
        }

        Gate.Dispose();
    }

    private void Sleep()
    {
        Interlocked.Exchange(ref _isAsleep, 1);
        if (!HasWork && !_isEnding)
        {
            Gate.Enter();
            TakeSignal(); // whatever comes of it: HasWork decides
            Gate.Leave();
        }

        Volatile.Write(ref _isAsleep, 0);
    }

    private void TakeSignal()
    {
        ulong count;
        _ = Libc.Read(_wakeUp, &count, sizeof(ulong));
    }
}
