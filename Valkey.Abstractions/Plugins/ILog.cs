namespace Valkey.Abstractions;

/// <summary>How much a log line matters, in Valkey's order (<c>loglevel</c>).</summary>
public enum LogLevel
{
    /// <summary>Much, for development.</summary>
    Debug = 0,

    /// <summary>Rarely useful detail.</summary>
    Verbose = 1,

    /// <summary>What an operator wants to see in production.</summary>
    Notice = 2,

    /// <summary>Only what is important or critical.</summary>
    Warning = 3,
}

/// <summary>The server's log. Any thread.</summary>
public interface ILog
{
    /// <summary>Whether a line of this level would be written: ask first when building the text costs something.</summary>
    bool IsEnabled(LogLevel level);

    /// <summary>Writes one line. Never call it per command.</summary>
    void Write(LogLevel level, string message);
}
