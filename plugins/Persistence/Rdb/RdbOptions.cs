// What operators set about the format.

using Valkey.Abstractions;

namespace Valkey.Rdb;

internal sealed class RdbOptions
{
    private const int Relaxed = 1;
    private const int SanitizeYes = 1;
    private const int SanitizeClients = 2;

    private readonly BoolOption _compression = new("rdbcompression", true);
    private readonly BoolOption _checksum = new("rdbchecksum", true) { Flags = OptionFlags.Immutable };
    private readonly EnumOption _versionCheck = new("rdb-version-check", 0, "strict", "relaxed");
    private readonly EnumOption _sanitize = new("sanitize-dump-payload", 0, "no", "yes", "clients");

    public bool Compresses => _compression.Value;

    public bool HasChecksum => _checksum.Value;

    public bool IsRelaxed => _versionCheck.Value == Relaxed;

    /// <summary>Snapshots are checked in depth when they are loaded.</summary>
    public bool SanitizesSnapshots => _sanitize.Value == SanitizeYes;

    /// <summary>Payloads of RESTORE are: of clients, but not of the primary.</summary>
    public bool SanitizesPayloads(bool isReplaying) =>
        _sanitize.Value == SanitizeYes || (_sanitize.Value == SanitizeClients && !isReplaying);

    public void Register(IOptionRegistry registry)
    {
        registry.Add(_compression);
        registry.Add(_checksum);
        registry.Add(_versionCheck);
        registry.Add(_sanitize);
    }
}
