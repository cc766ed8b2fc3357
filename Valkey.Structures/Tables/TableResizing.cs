// While a fork child shares our pages, every bucket that is split or merged copies pages of the table. So whoever forks
// sets this; tables then grow only when they are twice as full as they like, and never shrink.

namespace Valkey.Structures;

/// <summary>The process-wide brake on the resizing of all tables. Command thread only.</summary>
public static class TableResizing
{
    /// <summary>Whether tables resize only in need: set while a fork child lives.</summary>
    public static bool IsPaused { get; set; }
}
