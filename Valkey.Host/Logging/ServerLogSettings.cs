// How lines look and where they go, as the options say.

namespace Valkey.Host.Logging;

/// <summary>log-format.</summary>
internal enum LogFormat
{
    Legacy,
    Logfmt,
    Json,
}

/// <summary>log-timestamp-format.</summary>
internal enum LogTimestampFormat
{
    Legacy,
    Iso8601,
    Milliseconds,
}

/// <summary>Who writes: the letter behind the pid.</summary>
internal enum LogRole
{
    Primary,
    Replica,
    SavingChild,
    Sentinel,
}
