using Valkey.Abstractions;

namespace Valkey.UnitTests;

/// <summary>Keeps what is logged.</summary>
internal sealed class TestLog : ILog
{
    public List<string> Lines { get; } = [];

    public bool IsEnabled(LogLevel level) => true;

    public void Write(LogLevel level, string message) => Lines.Add(message);
}

/// <summary>A client at an address.</summary>
internal sealed record TestClient(string Address) : IClient
{
    public long Id => 1;

    public string Name => "";

    public int ProtocolVersion => 2;

    public string UserName => "default";

    public bool IsLocal => Address.StartsWith("127.", StringComparison.Ordinal);

    public bool DeniesBlocking => false;
}
