// Expands a path with wildcards, as `include` needs it: no match is no file and no error, hidden files only when asked for.

using Valkey.Host.Text;
using Valkey.Structures;

namespace Valkey.Host.Configuration;

internal static class FileGlob
{
    /// <summary>The path itself when it holds no wildcard, else what it matches, sorted.</summary>
    public static IReadOnlyList<string> Expand(string pattern)
    {
        if (pattern.AsSpan().IndexOfAny('*', '?', '[') < 0) return [pattern];

        List<string> found = [pattern.StartsWith('/') ? "/" : ""];
        foreach (string segment in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            List<string> next = [];
            foreach (string folder in found) AddMatches(next, folder, segment);
            found = next;
        }

        found.Sort(StringComparer.Ordinal);
        return found;
    }

    private static void AddMatches(List<string> matches, string folder, string segment)
    {
        if (segment.AsSpan().IndexOfAny('*', '?', '[') < 0)
        {
            string path = folder + segment;
            if (Directory.Exists(path)) matches.Add(path + "/");
            else if (File.Exists(path)) matches.Add(path);
            return;
        }

        string searched = folder.Length == 0 ? "." : folder;
        if (!Directory.Exists(searched)) return;

        byte[] pattern = ByteText.ToBytes(segment);
        foreach (string entry in Directory.EnumerateFileSystemEntries(searched))
        {
            string name = Path.GetFileName(entry);
            if (name.StartsWith('.') && !segment.StartsWith('.')) continue;
            if (!GlobPattern.Matches(pattern, ByteText.ToBytes(name), ignoreCase: false)) continue;
            matches.Add(folder + name + (Directory.Exists(folder + name) ? "/" : ""));
        }
    }
}
