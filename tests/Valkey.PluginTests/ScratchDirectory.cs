namespace Valkey.PluginTests;

/// <summary>An empty folder that is gone after the test.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("valkey-plugins-").FullName;

    /// <summary>Copies a built plugin's folder into this one, as an operator would.</summary>
    public string Install(string assemblyPath)
    {
        string source = System.IO.Path.GetDirectoryName(assemblyPath)!;
        string target = System.IO.Path.Combine(Path, System.IO.Path.GetFileName(source));
        Directory.CreateDirectory(target);
        foreach (string file in Directory.GetFiles(source))
            File.Copy(file, System.IO.Path.Combine(target, System.IO.Path.GetFileName(file)));
        return target;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
