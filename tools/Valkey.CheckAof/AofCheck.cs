// Checks all that belongs together: a manifest with its files, or the single file of old servers. Which of them it is, the
// first bytes tell.

using Valkey.Aof.Files;

namespace Valkey.CheckAof;

internal sealed class AofCheck(CheckArguments arguments, TextWriter output, TextReader input)
{
    private const int SignatureBytes = 8;

    private readonly AofFileCheck _files = new(arguments, output, input);

    /// <exception cref="CheckFailedException">Something is not valid, and stays so.</exception>
    public void Run()
    {
        if (IsManifest(arguments.Path)) CheckParts();
        else CheckSingle();
    }

    private void CheckSingle()
    {
        output.Write("Start checking Old-Style AOF\n");
        Report("AOF", arguments.Path, _files.Check(arguments.Path, arguments.Path, isLast: true, IsSnapshot(arguments.Path)));
    }

    private void CheckParts()
    {
        output.Write("Start checking Multi Part AOF\n");
        AofManifest manifest = ReadManifest();
        string folder = Path.GetDirectoryName(arguments.Path) is { Length: > 0 } given ? given : ".";
        int left = manifest.LoadedCount;
        if (manifest.Base is { } first)
        {
            string path = folder + "/" + first.Name;
            bool hasSnapshot = IsSnapshot(path);
            output.Write($"Start to check BASE AOF ({(hasSnapshot ? "RDB" : "RESP")} format).\n");
            Report("BASE AOF", first.Name, _files.Check(first.Name, path, --left == 0, hasSnapshot));
        }

        if (manifest.Increments.Count > 0) output.Write("Start to check INCR files.\n");
        foreach (AofFile file in manifest.Increments)
            Report("INCR AOF", file.Name, _files.Check(file.Name, folder + "/" + file.Name, --left == 0, hasSnapshot: false));
        output.Write("All AOF files and manifest are valid\n");
    }

    private AofManifest ReadManifest()
    {
        try
        {
            return ManifestReader.Parse(File.ReadAllBytes(arguments.Path));
        }
        catch (ManifestException exception)
        {
            throw new CheckFailedException(string.Join('\n', exception.Report()));
        }
    }

    private void Report(string kind, string name, FileState state) => output.Write(state switch
    {
        FileState.Valid => $"{kind} {name} is valid\n",
        FileState.Empty => $"{kind} {name} is empty\n",
        FileState.TruncatedToTimestamp => $"Successfully truncated AOF {name} to timestamp {arguments.TruncateToTimestamp}\n",
        _ => $"Successfully truncated AOF {name}\n",
    });

    /// <summary>The first line that is no comment is one of a manifest.</summary>
    private static bool IsManifest(string path)
    {
        using ScannedFile file = OpenToLook(path);
        while (true)
        {
            ReadOnlySpan<byte> line = file.Line(ManifestReader.LineBytesMax);
            if (line.IsEmpty) return false;
            if (line[0] != '#') return line.StartsWith("file"u8);
        }
    }

    private static bool IsSnapshot(string path)
    {
        using ScannedFile file = OpenToLook(path);
        Span<byte> signature = stackalloc byte[SignatureBytes];
        return file.Pass(SignatureBytes, signature) == SignatureBytes && (signature.StartsWith("REDIS"u8) || signature.StartsWith("VALKEY"u8));
    }

    private static ScannedFile OpenToLook(string path)
    {
        try
        {
            return new ScannedFile(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CheckFailedException($"Cannot open file {path}: {exception.Message}");
        }
    }
}
