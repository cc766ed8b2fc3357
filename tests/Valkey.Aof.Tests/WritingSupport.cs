// What the tests of writing stand on: arguments in native memory, gates that are always open.

using System.Runtime.InteropServices;
using Valkey.Abstractions;
using Valkey.Aof.Writing;

namespace Valkey.Aof.Tests;

/// <summary>A command's arguments in native memory.</summary>
internal sealed unsafe class NativeArguments : IDisposable
{
    private readonly ArgumentSlice* _slices;
    private readonly int _count;

    public NativeArguments(params byte[][] arguments)
    {
        _count = arguments.Length;
        _slices = (ArgumentSlice*)NativeMemory.AllocZeroed((nuint)(_count * sizeof(ArgumentSlice)));
        for (int i = 0; i < _count; i++)
        {
            byte* copy = (byte*)NativeMemory.Alloc((nuint)arguments[i].Length + 1);
            arguments[i].CopyTo(new Span<byte>(copy, arguments[i].Length));
            _slices[i] = new ArgumentSlice { Start = copy, Length = arguments[i].Length };
        }
    }

    public CommandArguments Value => new(_slices, _count);

    public void Dispose()
    {
        for (int i = 0; i < _count; i++) NativeMemory.Free(_slices[i].Start);
        NativeMemory.Free(_slices);
    }
}

/// <summary>Gates that nobody ever shuts.</summary>
internal sealed class OpenGates : IHelperThreads
{
    public IHelperGate Register(string name) => new Gate();

    public bool BindThread() => false;

    public void JoinCommandThread() { }

    public IDisposable Park(int waitMs, out string missing) => throw new NotSupportedException("Nobody forks here.");

    private sealed class Gate : IHelperGate
    {
        public void Enter() { }

        public void Leave() { }

        public void Dispose() { }
    }
}

internal static class Bytes
{
    public static string Text(CommandBuffer buffer) => System.Text.Encoding.Latin1.GetString(buffer.Front);

    public static byte[] Of(string text) => System.Text.Encoding.Latin1.GetBytes(text);

    public static void Append(CommandBuffer buffer, long endOffset, params string[] arguments)
    {
        using NativeArguments native = new(Array.ConvertAll(arguments, Of));
        buffer.Append(native.Value);
        buffer.EndOffset = endOffset;
    }
}
