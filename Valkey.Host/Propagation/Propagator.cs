// Propagation: hands executed writes to the sinks, in order, deterministic, transactions framed by MULTI and EXEC.
//
// While a command runs, what is to be propagated beside it or instead of it is collected; when the outermost command has
// ended, all of it goes out. Holds always: the sinks see writes in the order in which the keyspace changed.

using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Structures;

namespace Valkey.Host.Propagation;

internal sealed unsafe class Propagator
{
    private IPropagationSink[] _sinks = [];
    private readonly List<Pending> _pending = [];
    private bool _instead;
    private bool _suppressed;
    private bool _unframed;
    private bool _flushNeeded;
    private int _selectedDatabase = -1;

    /// <summary>Bytes of the stream so far, counted as it is sent to replicas.</summary>
    public long Offset { get; private set; }

    /// <summary>The dataset is being loaded: what happens to it is told by what it is loaded from, not by the stream.</summary>
    public bool IsSuspended { get; set; }

    /// <summary>Whether there is a sink, and something to tell it.</summary>
    public bool IsWanted => _sinks.Length > 0 && !IsSuspended;

    public IDisposable Add(IPropagationSink sink)
    {
        _sinks = [.. _sinks, sink];
        return new Registration(() => _sinks = Array.FindAll(_sinks, other => other != sink));
    }

    /// <summary>Propagates this instead of the running command.</summary>
    public void Instead(int databaseIndex, ReadOnlySpan<PropagatedArgument> arguments)
    {
        if (!IsWanted) return;
        _pending.Add(new Pending(databaseIndex, arguments));
        _instead = true;
    }

    /// <summary>Propagates this too.</summary>
    public void Also(int databaseIndex, ReadOnlySpan<PropagatedArgument> arguments)
    {
        if (IsWanted) _pending.Add(new Pending(databaseIndex, arguments));
    }

    /// <summary>The running command is not propagated.</summary>
    public void Suppress() => _suppressed = true;

    /// <summary>What the running command propagates is many changes, not one: no MULTI and EXEC around them.</summary>
    public void DoNotFrame() => _unframed = true;

    /// <summary>What the running command said about its own propagation, while it calls another.</summary>
    public PropagationIntent PutAside()
    {
        PropagationIntent intent = new(_instead, _suppressed, _unframed);
        _instead = _suppressed = _unframed = false;
        return intent;
    }

    /// <summary>The command that called another goes on.</summary>
    public void TakeUp(PropagationIntent intent) => (_instead, _suppressed, _unframed) = intent;

    /// <summary>A command has ended: when it changed something, it is propagated unless it said otherwise.</summary>
    /// <param name="databaseIndex">The database that it worked on.</param>
    /// <param name="arguments">The command.</param>
    /// <param name="changed">Whether it changed the dataset.</param>
    /// <param name="isNested">Whether an outer command goes on.</param>
    public void CommandEnded(int databaseIndex, CommandArguments arguments, bool changed, bool isNested)
    {
        bool own = changed && !_instead && !_suppressed;
        _instead = _suppressed = false;
        if (_pending.Count == 0) _unframed = false;
        if (!own && (_pending.Count == 0 || isNested)) return;
        if (isNested || _pending.Count > 0)
        {
            if (own) _pending.Add(new Pending(databaseIndex, arguments));
            if (!isNested) Emit();
            return;
        }

        Append(databaseIndex, arguments);
    }

    /// <summary>Sends what was collected outside of a command (active expiry, eviction).</summary>
    public void Emit()
    {
        if (_pending.Count == 0) return;
        bool framed = _pending.Count > 1 && !_unframed;
        _unframed = false;
        if (framed) AppendWord("MULTI"u8); // a SELECT comes behind it, as part of the transaction
        foreach (Pending pending in _pending)
        {
            Append(pending.DatabaseIndex, pending.Arguments);
            pending.Free();
        }

        if (framed) AppendWord("EXEC"u8);
        _pending.Clear();
    }

    /// <summary>Once per loop turn, before replies go out.</summary>
    public void Flush()
    {
        if (!_flushNeeded) return;
        _flushNeeded = false;
        foreach (IPropagationSink sink in _sinks) sink.Flush();
    }

    private void AppendWord(ReadOnlySpan<byte> word)
    {
        fixed (byte* start = word)
        {
            ArgumentSlice slice = new() { Start = start, Length = word.Length };
            Append(PropagatedCommand.NoDatabase, new CommandArguments(&slice, 1));
        }
    }

    private void Append(int databaseIndex, CommandArguments arguments)
    {
        bool selects = databaseIndex != PropagatedCommand.NoDatabase && databaseIndex != _selectedDatabase;
        if (selects)
        {
            _selectedDatabase = databaseIndex;
            Offset += SelectBytes(databaseIndex);
        }

        Offset += RespLength.Of(arguments);
        PropagatedCommand command = new(databaseIndex, selects, arguments, Offset);
        foreach (IPropagationSink sink in _sinks) sink.Append(in command);
        _flushNeeded = true;
    }

    /// <summary>*2 $6 SELECT and the number as a bulk string.</summary>
    private static int SelectBytes(int databaseIndex)
    {
        int digits = IntegerText.CountBytes(databaseIndex);
        return "*2\r\n$6\r\nSELECT\r\n"u8.Length + RespLength.OfBulk(digits);
    }

    /// <summary>A command in native memory of its own: slices first, then the bytes.</summary>
    private readonly struct Pending
    {
        private readonly nint _block;
        private readonly nuint _sizeBytes;
        private readonly int _count;

        public Pending(int databaseIndex, ReadOnlySpan<PropagatedArgument> arguments)
        {
            DatabaseIndex = databaseIndex;
            _count = arguments.Length;
            Span<byte> digits = stackalloc byte[24];
            nuint size = (nuint)(_count * sizeof(ArgumentSlice));
            foreach (PropagatedArgument argument in arguments)
                size += argument.IsNumber ? IntegerText.LengthMax + 1 : (nuint)argument.Bytes.Length;
            _sizeBytes = size;
            _block = NativeHeap.Allocate(size);
            byte* bytes = (byte*)(Slices + _count);
            for (int i = 0; i < _count; i++)
            {
                ReadOnlySpan<byte> source = arguments[i].IsNumber
                    ? digits[..IntegerText.Format(arguments[i].Number, digits)]
                    : arguments[i].Bytes;
                Put(i, source, ref bytes);
            }
        }

        public Pending(int databaseIndex, CommandArguments arguments)
        {
            DatabaseIndex = databaseIndex;
            _count = arguments.Count;
            nuint size = (nuint)_count * (nuint)sizeof(ArgumentSlice);
            for (int i = 0; i < _count; i++) size += (nuint)arguments[i].Length;
            _sizeBytes = size;
            _block = NativeHeap.Allocate(size);
            byte* bytes = (byte*)(Slices + _count);
            for (int i = 0; i < _count; i++) Put(i, arguments[i], ref bytes);
        }

        public int DatabaseIndex { get; }

        public CommandArguments Arguments => new(Slices, _count);

        private ArgumentSlice* Slices => (ArgumentSlice*)_block;

        public void Free() => NativeHeap.Free(_block, _sizeBytes);

        private void Put(int index, ReadOnlySpan<byte> source, ref byte* bytes)
        {
            Slices[index] = new ArgumentSlice { Start = bytes, Length = source.Length };
            source.CopyTo(new Span<byte>(bytes, source.Length));
            bytes += source.Length;
        }
    }
}

/// <summary>Whether a command is propagated as it is, and framed.</summary>
internal readonly record struct PropagationIntent(bool Instead, bool Suppressed, bool Unframed);
