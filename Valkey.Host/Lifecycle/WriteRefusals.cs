// Reasons of plugins' own for which writes are refused. The one that came first is told.

using Valkey.Host.Commands;

namespace Valkey.Host.Lifecycle;

internal sealed class WriteRefusals
{
    private readonly List<string> _errors = [];

    /// <summary>The error that writes are answered with; null when they may go on.</summary>
    public string? Error { get; private set; }

    /// <summary>Refuses writes until the result is disposed.</summary>
    public IDisposable Add(string error)
    {
        _errors.Add(error);
        Note();
        return new Registration(() =>
        {
            _errors.Remove(error);
            Note();
        });
    }

    private void Note() => Error = _errors.Count > 0 ? _errors[0] : null;
}
