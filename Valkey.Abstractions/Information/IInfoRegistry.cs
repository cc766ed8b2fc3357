namespace Valkey.Abstractions;

/// <summary>Writes the fields of one INFO section.</summary>
public abstract class InfoWriter
{
    /// <summary><c>name:value</c>.</summary>
    public abstract void Field(string name, string value);

    /// <summary><c>name:value</c>.</summary>
    public abstract void Field(string name, long value);

    /// <summary><c>name:value</c> with a fixed number of decimals.</summary>
    public abstract void Field(string name, double value, int decimals);
}

/// <summary>The sections of INFO.</summary>
public interface IInfoRegistry
{
    /// <summary>Adds a section that prints what <paramref name="write"/> writes. With <paramref name="isDefault"/> plain INFO shows it.</summary>
    /// <exception cref="InvalidOperationException">The section is there already.</exception>
    void AddSection(string name, Action<InfoWriter> write, bool isDefault = false);
}
