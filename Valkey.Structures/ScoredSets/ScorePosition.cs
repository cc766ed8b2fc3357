namespace Valkey.Structures;

/// <summary>A place in the order of a <see cref="ScoredSet"/>; valid until the set changes.</summary>
public readonly unsafe struct ScorePosition
{
    private readonly ScoreLeaf* _leaf;
    private readonly int _index;

    internal ScorePosition(ScoreLeaf* leaf, int index)
    {
        _leaf = leaf;
        _index = index;
    }

    /// <summary>Beyond either end.</summary>
    public bool IsNone => _leaf == null;

    /// <summary>The element here.</summary>
    public ScoredElement Element => _leaf->ElementAt(_index);

    /// <summary>Its score, without a look at the element.</summary>
    public double Score => _leaf->Scores[_index];

    /// <summary>The next place up.</summary>
    public ScorePosition Next()
    {
        if (_index + 1 < _leaf->Count) return new ScorePosition(_leaf, _index + 1);
        return new ScorePosition(_leaf->Next, 0);
    }

    /// <summary>The next place down.</summary>
    public ScorePosition Previous()
    {
        if (_index > 0) return new ScorePosition(_leaf, _index - 1);
        ScoreLeaf* previous = _leaf->Previous;
        return previous == null ? default : new ScorePosition(previous, previous->Count - 1);
    }
}
