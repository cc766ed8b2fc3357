// client-output-buffer-limit: per class of client a hard limit, and a soft one that may be passed for some seconds.

using System.Globalization;
using Valkey.Abstractions;

namespace Valkey.Host.Configuration;

/// <summary>Classes of clients with limits of their own.</summary>
internal enum ClientLimitClass
{
    Normal,
    Replica,
    PubSub,
}

/// <summary>Bytes of unsent replies; zero is no limit.</summary>
internal readonly record struct OutputBufferLimit(long HardBytes, long SoftBytes, long SoftSeconds);

/// <summary>The limits of all classes. Changed on the command thread.</summary>
internal sealed class ClientOutputBufferLimits
{
    public const string DefaultText = "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60";

    private static readonly OutputBufferLimit[] s_defaults =
        [new(0, 0, 0), new(256 << 20, 64 << 20, 60), new(32 << 20, 8 << 20, 60)];

    // "slave" is the answer of CONFIG GET that clients compare with; the file gets today's word.
    private static readonly string[] s_namesInReply = ["normal", "slave", "pubsub"];
    private static readonly string[] s_namesInFile = ["normal", "replica", "pubsub"];

    private readonly OutputBufferLimit[] _limits = [.. s_defaults];

    public OutputBufferLimit this[ClientLimitClass clientClass] => _limits[(int)clientClass];

    public string Text
    {
        get
        {
            string[] parts = new string[_limits.Length];
            for (int i = 0; i < parts.Length; i++)
            {
                OutputBufferLimit limit = _limits[i];
                parts[i] = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{s_namesInReply[i]} {limit.HardBytes} {limit.SoftBytes} {limit.SoftSeconds}");
            }

            return string.Join(' ', parts);
        }
    }

    /// <summary>Takes groups of class, hard, soft, seconds: all of them or none.</summary>
    public string? Store(IReadOnlyList<string> arguments)
    {
        if (arguments.Count % 4 != 0) return "Wrong number of arguments in buffer limit configuration.";

        OutputBufferLimit[] changed = [.. _limits];
        for (int i = 0; i < arguments.Count; i += 4)
        {
            int index = arguments[i].ToLowerInvariant() switch { "normal" => 0, "slave" or "replica" => 1, "pubsub" => 2, _ => -1 };
            if (index < 0) return "Invalid client class specified in buffer limit configuration.";
            if (!IntegerOption.TryParseMemory(arguments[i + 1], out long hard)
                || !IntegerOption.TryParseMemory(arguments[i + 2], out long soft)
                || !long.TryParse(arguments[i + 3], NumberStyles.None, CultureInfo.InvariantCulture, out long seconds))
                return "Error in hard, soft or soft_seconds setting in buffer limit configuration.";
            changed[index] = new OutputBufferLimit(hard, soft, seconds);
        }

        changed.CopyTo(_limits, 0);
        return null;
    }

    /// <summary>One line for each class that differs from its default.</summary>
    public IReadOnlyList<IReadOnlyList<string>> RewriteLines()
    {
        List<IReadOnlyList<string>> lines = [];
        for (int i = 0; i < _limits.Length; i++)
        {
            OutputBufferLimit limit = _limits[i];
            if (limit == s_defaults[i]) continue;
            lines.Add(
            [
                s_namesInFile[i],
                IntegerOption.PrintMemory(limit.HardBytes),
                IntegerOption.PrintMemory(limit.SoftBytes),
                limit.SoftSeconds.ToString(CultureInfo.InvariantCulture),
            ]);
        }

        return lines;
    }
}
