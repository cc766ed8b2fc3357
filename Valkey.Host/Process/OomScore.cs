// oom-score-adj: how gladly the kernel kills us when memory runs out. Relative to what we were started with, or absolute.
// Command thread only.

using System.Globalization;
using Valkey.Abstractions;
using Valkey.Host.Configuration;

namespace Valkey.Host.Process;

/// <summary>Position of each kind of process in oom-score-adj-values.</summary>
internal enum OomProcessClass
{
    Primary,
    Replica,
    BackgroundChild,
}

/// <summary>Sets the score; remembers the one that we came with, to go back to it.</summary>
internal sealed class OomScore(HostOptions options, ILog log)
{
    private const string File = "/proc/self/oom_score_adj";
    private const int ModeNo = 0, ModeAbsolute = 3;
    private const int ScoreMax = 1000;

    private int? _scoreAtStart;

    /// <summary>Sets what the options say. Null, or why not.</summary>
    public string? Apply(OomProcessClass processClass = OomProcessClass.Primary)
    {
        if (options.OomScoreAdj.Value == ModeNo && _scoreAtStart is null) return null;
        try
        {
            _scoreAtStart ??= int.Parse(System.IO.File.ReadAllText(File), CultureInfo.InvariantCulture);
            int score = ScoreFor(options.OomScoreAdj.Value, options.OomScoreAdjValues[(int)processClass], _scoreAtStart.Value);
            System.IO.File.WriteAllText(File, string.Create(CultureInfo.InvariantCulture, $"{score}\n"));
            if (options.OomScoreAdj.Value == ModeNo) _scoreAtStart = null;
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            log.Write(LogLevel.Warning, "Unable to write oom_score_adj: " + failure.Message);
            return "Failed to set current oom_score_adj. Check server logs.";
        }
    }

    /// <summary>The score for a mode and a configured value.</summary>
    internal static int ScoreFor(int mode, int value, int scoreAtStart) => mode switch
    {
        ModeNo => scoreAtStart,
        ModeAbsolute => Math.Clamp(value, -ScoreMax, ScoreMax),
        _ => Math.Clamp(value + scoreAtStart, -ScoreMax, ScoreMax),
    };
}
