// Which assemblies we accept as plugins. The runtime's own check would let a plugin built against 1.4 of the contract into
// a host with 2.0 without a word, and would say of one built against 1.5 that the contract "cannot be found" in a host
// with 1.4: so we compare ourselves, before any code runs.
// The rule: same major version, minor not above ours. It holds for both shared assemblies, contract and structures.

using System.Reflection;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Valkey.Abstractions;

namespace Valkey.Host.Plugins;

/// <summary>Compares a plugin's file with this server.</summary>
internal static class PluginContract
{
    private const string ContractAssembly = "Valkey.Abstractions";
    private const string StructuresAssembly = "Valkey.Structures";

    // A precompiled image notes its operating system by a pattern over the machine word: Linux, Apple, FreeBSD.
    private static readonly ushort[] s_systemPatterns = [0, 0x7B79, 0x4644, 0xADC4];

    /// <summary>The version of the contract that this server implements.</summary>
    public static Version Ours { get; } = typeof(IValkeyPlugin).Assembly.GetName().Version!;

    private static Version OurStructures { get; } = Assembly.Load(StructuresAssembly).GetName().Version!;

    /// <summary>Accepts a file or says why not.</summary>
    /// <returns>The full name of its one exported class.</returns>
    /// <exception cref="PluginLoadException">It is refused.</exception>
    public static string Check(PluginImage image)
    {
        string? refusal = RefuseMachine(image) ?? RefuseFramework(image) ?? RefuseContract(image) ?? RefuseExports(image);
        return refusal is null ? image.Exports[0] : throw new PluginLoadException(image.Path, refusal);
    }

    private static string? RefuseMachine(PluginImage image)
    {
        Machine ours = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => Machine.Amd64,
            Architecture.Arm64 => Machine.Arm64,
            _ => Machine.I386,
        };
        bool isAny = image.Machine == Machine.I386 && !image.Requires32Bit;
        if (isAny || Array.Exists(s_systemPatterns, pattern => ((ushort)image.Machine ^ pattern) == (ushort)ours)) return null;
        return $"it is built for {image.Machine}, this server runs on {ours}";
    }

    private static string? RefuseFramework(PluginImage image)
    {
        if (image.TargetFramework.Length == 0) return null;

        FrameworkName framework = new(image.TargetFramework);
        if (framework.Identifier == ".NETStandard") return null;
        if (framework.Identifier != ".NETCoreApp")
            return $"it is built for {framework.Identifier} {framework.Version}, this server runs on .NET {Environment.Version}";

        Version ours = new(Environment.Version.Major, Environment.Version.Minor);
        return framework.Version <= ours
            ? null
            : $"it is built for .NET {framework.Version}, this server runs on .NET {Environment.Version}";
    }

    private static string? RefuseContract(PluginImage image)
    {
        if (image.ReferenceTo(ContractAssembly) is not { } contract)
            return $"it does not reference {ContractAssembly}: not a plugin";
        return RefuseVersion(ContractAssembly, contract, Ours)
            ?? (image.ReferenceTo(StructuresAssembly) is { } structures
                ? RefuseVersion(StructuresAssembly, structures, OurStructures)
                : null);
    }

    private static string? RefuseVersion(string assembly, Version theirs, Version ours)
    {
        if (theirs.Major == ours.Major && theirs.Minor <= ours.Minor) return null;
        return $"it is built against {assembly} {theirs.ToString(2)}, this server has {ours.ToString(2)}";
    }

    private static string? RefuseExports(PluginImage image) => image.Exports.Count switch
    {
        0 => "no public class in it has [Export(typeof(IValkeyPlugin))]",
        1 => null,
        _ => "it exports more than one plugin: " + string.Join(", ", image.Exports),
    };
}
