// Which files make up the append-only file, in the order in which they are loaded: at most one base (the dataset at one
// moment), then increments (the commands since). History is what a rewrite has replaced and nobody has deleted yet.
//
// Holds always: increments have ascending sequence numbers; a number is never used twice. A manifest is changed in a copy
// (Clone) that takes the original's place once the disk has it.

using System.Globalization;
using System.Text;

namespace Valkey.Aof.Files;

/// <summary>What a file of the manifest is for; the value is the letter that the manifest writes.</summary>
internal enum AofFileType : byte
{
    Base = (byte)'b',
    History = (byte)'h',
    Increment = (byte)'i',
}

/// <summary>One file of the manifest, by its name within the folder.</summary>
internal sealed record AofFile(string Name, long Sequence, AofFileType Type);

internal sealed class AofManifest
{
    private readonly List<AofFile> _history = [];
    private readonly List<AofFile> _increments = [];
    private long _baseSequence;
    private long _incrementSequence;

    /// <summary>The base, null when there is none.</summary>
    public AofFile? Base { get; private set; }

    /// <summary>Replaced files, the latest rewrite's first.</summary>
    public IReadOnlyList<AofFile> History => _history;

    /// <summary>The increments, oldest first. The last one is written to.</summary>
    public IReadOnlyList<AofFile> Increments => _increments;

    /// <summary>Not on the disk as it is here.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Files that hold the dataset.</summary>
    public int LoadedCount => (Base is null ? 0 : 1) + _increments.Count;

    /// <summary>The files that hold the dataset, in the order of loading.</summary>
    public IEnumerable<AofFile> Loaded => Base is null ? _increments : [Base, .. _increments];

    /// <summary>Takes a file that a manifest names. Null, or why it contradicts what was taken before.</summary>
    public string? Add(AofFile file)
    {
        switch (file.Type)
        {
            case AofFileType.Base when Base is not null:
                return "Found duplicate base file information";
            case AofFileType.Base:
                Base = file;
                _baseSequence = file.Sequence;
                return null;
            case AofFileType.History:
                _history.Add(file);
                return null;
            case AofFileType.Increment when file.Sequence <= _incrementSequence:
                return "Found a non-monotonic sequence number";
            case AofFileType.Increment:
                _increments.Add(file);
                _incrementSequence = file.Sequence;
                return null;
            default:
                return "Unknown AOF file type";
        }
    }

    /// <summary>Begins a new base; the one before becomes history.</summary>
    /// <param name="fileName">appendfilename.</param>
    /// <param name="isSnapshot">It is in the format of snapshots, not commands.</param>
    public AofFile BeginBase(string fileName, bool isSnapshot)
    {
        if (Base is not null) _history.Insert(0, Base with { Type = AofFileType.History });
        _baseSequence++;
        string name = string.Create(CultureInfo.InvariantCulture, $"{fileName}.{_baseSequence}.base{(isSnapshot ? ".rdb" : ".aof")}");
        IsDirty = true;
        return Base = new AofFile(name, _baseSequence, AofFileType.Base);
    }

    /// <summary>Makes the single file of old servers the base.</summary>
    public void AdoptBase(string fileName)
    {
        _baseSequence = 1;
        Base = new AofFile(fileName, _baseSequence, AofFileType.Base);
        IsDirty = true;
    }

    /// <summary>Begins a new increment.</summary>
    public AofFile BeginIncrement(string fileName)
    {
        _incrementSequence++;
        string name = string.Create(CultureInfo.InvariantCulture, $"{fileName}.{_incrementSequence}.incr.aof");
        AofFile file = new(name, _incrementSequence, AofFileType.Increment);
        _increments.Add(file);
        IsDirty = true;
        return file;
    }

    /// <summary>The last increment, or the first one when there was none.</summary>
    public AofFile LastIncrement(string fileName) => _increments.Count > 0 ? _increments[^1] : BeginIncrement(fileName);

    /// <summary>A new base holds what the increments told: they become history.</summary>
    /// <param name="keepsLast">The last one began with the rewrite and is being written to.</param>
    public void RetireIncrements(bool keepsLast)
    {
        if (_increments.Count == 0) return;
        int retiredCount = _increments.Count - (keepsLast ? 1 : 0);
        _history.InsertRange(0, _increments.GetRange(0, retiredCount).ConvertAll(static file => file with { Type = AofFileType.History }));
        _increments.RemoveRange(0, retiredCount);
        IsDirty = true;
    }

    /// <summary>The history is deleted.</summary>
    public void ForgetHistory()
    {
        if (_history.Count == 0) return;
        _history.Clear();
        IsDirty = true;
    }

    /// <summary>A copy to change.</summary>
    public AofManifest Clone()
    {
        AofManifest copy = new()
        {
            Base = Base,
            IsDirty = IsDirty,
            _baseSequence = _baseSequence,
            _incrementSequence = _incrementSequence,
        };
        copy._history.AddRange(_history);
        copy._increments.AddRange(_increments);
        return copy;
    }

    /// <summary>The text of the manifest file: one line for each file.</summary>
    public string Format()
    {
        StringBuilder text = new();
        if (Base is not null) Append(text, Base);
        foreach (AofFile file in _history) Append(text, file);
        foreach (AofFile file in _increments) Append(text, file);
        return text.ToString();
    }

    private static void Append(StringBuilder text, AofFile file) => text.Append(
        CultureInfo.InvariantCulture, $"file {ManifestWords.QuoteWhereNeeded(file.Name)} seq {file.Sequence} type {(char)file.Type}\n");
}
