// Finding keys by specifications, one kind at a time, and by a finder where they do not reach.

using System.Runtime.InteropServices;
using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Commands;
using Xunit;

namespace Valkey.UnitTests.Commands;

public sealed unsafe class CommandKeysTests
{
    private static readonly KeySpecBegin s_first = new(KeySpecBeginKind.Index, 1, null);
    private static readonly KeySpecFind s_one = new(KeySpecFindKind.Range, 0, 1, 0, 0, 0);

    [Theory]
    [InlineData(0, 1, 0, "cmd a b c", "a")]
    [InlineData(1, 1, 0, "cmd a b c", "a b")]
    [InlineData(-1, 1, 0, "cmd a b c", "a b c")]
    [InlineData(-2, 1, 0, "cmd a b timeout", "a b")]
    [InlineData(-1, 2, 0, "cmd a 1 b 2", "a b")]
    [InlineData(-1, 1, 2, "cmd a b 0 0", "a b")]
    [InlineData(2, 1, 0, "cmd a b", null)]
    public void A_range_of_keys(int last, int step, int limit, string line, string? expected)
    {
        KeySpecFind find = new(KeySpecFindKind.Range, last, step, limit, 0, 0);

        Assert.Equal(expected, Find(line, null, new Spec(s_first, find)));
    }

    [Theory]
    [InlineData("cmd 2 a b c", "a b")]
    [InlineData("cmd 0 a b", null)]
    [InlineData("cmd 3 a b", null)]
    [InlineData("cmd -1 a b", null)]
    [InlineData("cmd many a b", null)]
    [InlineData("cmd 9223372036854775807 a b", null)]
    [InlineData("cmd", null)]
    public void A_number_of_keys(string line, string? expected)
    {
        KeySpecFind find = new(KeySpecFindKind.KeyNumber, 0, 1, 0, KeyNumberIndex: 0, FirstKey: 1);

        Assert.Equal(expected, Find(line, null, new Spec(s_first, find)));
    }

    [Theory]
    [InlineData(1, "cmd x STREAMS a 0", "a")]
    [InlineData(1, "cmd streams a", "a")]
    [InlineData(1, "cmd x y z", null)]
    [InlineData(1, "cmd x STREAMS", null)]
    [InlineData(-2, "cmd x y streams a", "a")]
    [InlineData(-2, "cmd streams a streams b", "b")]
    public void A_key_behind_a_keyword(int startFrom, string line, string? expected) =>
        Assert.Equal(expected, Find(line, null, new Spec(new KeySpecBegin(KeySpecBeginKind.Keyword, startFrom, "STREAMS"), s_one)));

    [Fact]
    public void Several_specifications_add_up_and_an_absent_keyword_is_fine()
    {
        Spec first = new(s_first, s_one);
        Spec store = new(new KeySpecBegin(KeySpecBeginKind.Keyword, 2, "STORE"), s_one);

        Assert.Equal("a b", Find("cmd a store b", null, first, store));
        Assert.Equal("a", Find("cmd a limit 1", null, first, store));
    }

    [Fact]
    public void What_is_no_key_is_left_out()
    {
        Spec fake = new(s_first, s_one, KeySpecFlags.NotKey);

        Assert.Null(Find("cmd a b", null, fake));
        Assert.False(CommandKeys.HasKeys(Define(null, fake)));
    }

    [Theory]
    [InlineData(KeySpecFlags.Incomplete)]
    [InlineData(KeySpecFlags.VariableFlags)]
    public void The_finder_is_asked_when_specifications_tell_too_little(KeySpecFlags flags)
    {
        static bool Last(CommandArguments arguments, KeyCollector keys)
        {
            keys.Add(arguments.Count - 1, KeySpecFlags.Overwrite);
            return true;
        }

        Assert.Equal("c", Find("cmd a b c", Last, new Spec(s_first, s_one, flags)));
    }

    [Fact]
    public void Arguments_that_the_finder_refuses_have_no_keys()
    {
        static bool Refuse(CommandArguments arguments, KeyCollector keys)
        {
            keys.Add(1, KeySpecFlags.ReadOnly);
            return false;
        }

        Assert.Null(Find("cmd a", Refuse));
    }

    [Fact]
    public void Any_number_of_keys_is_found()
    {
        KeySpecFind all = new(KeySpecFindKind.Range, -1, 1, 0, 0, 0);
        string keys = string.Join(' ', Enumerable.Range(0, 1000));

        Assert.Equal(keys, Find("cmd " + keys, null, new Spec(s_first, all)));
    }

    /// <summary>The keys, or null when there are none.</summary>
    private static string? Find(string line, KeyFinder? finder, params Spec[] specs)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(line);
        string[] words = line.Split(' ');
        CommandKeys keys = new();
        fixed (byte* start = bytes)
        {
            ArgumentSlice* slices = (ArgumentSlice*)NativeMemory.Alloc((nuint)words.Length, (nuint)sizeof(ArgumentSlice));
            int offset = 0;
            for (int i = 0; i < words.Length; i++)
            {
                slices[i] = new ArgumentSlice { Start = start + offset, Length = words[i].Length };
                offset += words[i].Length + 1;
            }

            bool isFound = keys.Find(Define(finder, specs), new CommandArguments(slices, words.Length));
            NativeMemory.Free(slices);
            if (!isFound) return null;
        }

        List<string> found = [];
        foreach (KeyPosition key in keys.All) found.Add(words[key.Index]);
        return string.Join(' ', found);
    }

    private static CommandDefinition Define(KeyFinder? finder, params Spec[] specs) => new()
    {
        Name = "cmd",
        Arity = -1,
        Flags = CommandFlags.None,
        Categories = AclCategories.None,
        Group = "generic",
        Since = "1.0.0",
        Handler = null,
        KeyFinder = finder,
        KeySpecs = Array.ConvertAll(specs, spec => new KeySpec { Flags = spec.Flags, Begin = spec.Begin, Find = spec.Find }),
    };

    private sealed record Spec(KeySpecBegin Begin, KeySpecFind Find, KeySpecFlags Flags = KeySpecFlags.ReadOnly);
}
