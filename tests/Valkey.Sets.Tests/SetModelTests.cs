// Random commands against a model of hash sets: the replies' meaning, the members, the encodings' limits, and that no native
// memory is left behind.

using Valkey.Structures;
using Xunit;

namespace Valkey.Sets.Tests;

public sealed class SetModelTests
{
    private static readonly string[] s_keys = ["a", "b", "c", "d"];

    [Fact]
    public void Commands_do_to_a_set_what_they_do_to_a_set_of_strings()
    {
        for (int run = 0; run < 30; run++)
        {
            int seed = run == 0 ? 4711 : Random.Shared.Next();
            long usedBefore = NativeHeap.UsedBytes;
            try
            {
                using SetServer server = new();
                Dictionary<string, HashSet<string>> model = [];
                foreach (string key in s_keys) model[key] = [];
                Random random = new(seed);
                for (int i = 0; i < 1500; i++) Step(server, model, random);
            }
            catch (Exception ex)
            {
                throw new InvalidOperationException($"Failed with seed {seed}.", ex);
            }

            Assert.Equal(usedBefore, NativeHeap.UsedBytes);
        }
    }

    private static void Step(SetServer server, Dictionary<string, HashSet<string>> model, Random random)
    {
        string key = s_keys[random.Next(s_keys.Length)];
        string other = s_keys[random.Next(s_keys.Length)];
        HashSet<string> set = model[key];
        switch (random.Next(10))
        {
            case 0 or 1 or 2 or 3:
                List<string> added = Words(random, "SADD", key);
                int newCount = 0;
                foreach (string member in added[2..]) newCount += set.Add(member) ? 1 : 0;
                Assert.Equal($":{newCount}\r\n", server.Run([.. added]));
                Assert.Equal(newCount, server.Dirty);
                break;
            case 4:
                List<string> removed = Words(random, "SREM", key);
                int removedCount = 0;
                foreach (string member in removed[2..]) removedCount += set.Remove(member) ? 1 : 0;
                Assert.Equal($":{removedCount}\r\n", server.Run([.. removed]));
                break;
            case 5:
                string moved = Member(random);
                bool wasThere = set.Contains(moved);
                if (wasThere && key != other) set.Remove(moved);
                if (wasThere) model[other].Add(moved);
                Assert.Equal(wasThere ? ":1\r\n" : ":0\r\n", server.Run("SMOVE", key, other, moved));
                break;
            case 6:
                Pop(server, set, key, random.Next(0, set.Count + 3));
                break;
            case 7:
                Store(server, model, random, key, other);
                break;
            case 8:
                string asked = Member(random);
                Assert.Equal(set.Contains(asked) ? ":1\r\n" : ":0\r\n", server.Run("SISMEMBER", key, asked));
                break;
            default:
                RandomMembers(server, set, key, random.Next(-5, set.Count + 3));
                break;
        }

        AssertIs(server, key, set);
        AssertIs(server, other, model[other]);
    }

    private static void Pop(SetServer server, HashSet<string> set, string key, int count)
    {
        HashSet<string> before = [.. set];
        string reply = server.Run("SPOP", key, $"{count}");
        List<string> popped = Bulks(reply);

        Assert.Equal(Math.Min(count, before.Count), popped.Count);
        foreach (string member in popped) Assert.True(set.Remove(member), $"{member} was popped twice or was no member");
        AssertPropagated(server, key, popped, isGone: popped.Count > 0 && set.Count == 0);
    }

    private static void AssertPropagated(SetServer server, string key, List<string> popped, bool isGone)
    {
        Assert.False(server.IsCommandPropagated);
        if (popped.Count == 0)
        {
            Assert.Empty(server.Propagated);
            return;
        }

        if (isGone)
        {
            Assert.Equal([$"UNLINK {key}"], server.Propagated);
            return;
        }

        List<string> propagated = [];
        foreach (string command in server.Propagated)
        {
            Assert.StartsWith($"SREM {key} ", command);
            propagated.AddRange(command.Split(' ')[2..]);
        }

        propagated.Sort(StringComparer.Ordinal);
        popped.Sort(StringComparer.Ordinal);
        Assert.Equal(popped, propagated);
    }

    private static void Store(SetServer server, Dictionary<string, HashSet<string>> model, Random random, string target, string other)
    {
        string third = s_keys[random.Next(s_keys.Length)];
        HashSet<string> result = [.. model[other]];
        string name;
        switch (random.Next(3))
        {
            case 0:
                name = "SINTERSTORE";
                result.IntersectWith(model[third]);
                break;
            case 1:
                name = "SUNIONSTORE";
                result.UnionWith(model[third]);
                break;
            default:
                name = "SDIFFSTORE";
                result.ExceptWith(model[third]);
                break;
        }

        string plainReply = server.Run(name[..^5], other, third);
        List<string> plain = Bulks(plainReply);
        Assert.Equal(result.Count, plain.Count);
        Assert.Equal(result, [.. plain]);

        Assert.Equal($":{result.Count}\r\n", server.Run(name, target, other, third));
        model[target].Clear();
        model[target].UnionWith(result);
    }

    private static void RandomMembers(SetServer server, HashSet<string> set, string key, int count)
    {
        List<string> drawn = Bulks(server.Run("SRANDMEMBER", key, $"{count}"));

        int expected = set.Count == 0 ? 0 : count < 0 ? -count : Math.Min(count, set.Count);
        Assert.Equal(expected, drawn.Count);
        foreach (string member in drawn) Assert.Contains(member, set);
        if (count > 0) Assert.Equal(drawn.Count, new HashSet<string>(drawn).Count);
    }

    private static void AssertIs(SetServer server, string key, HashSet<string> set)
    {
        List<string> expected = [.. set];
        expected.Sort(StringComparer.Ordinal);
        Assert.Equal(expected, server.Members(key));
        Assert.Equal($":{set.Count}\r\n", server.Run("SCARD", key));
    }

    private static List<string> Words(Random random, string command, string key)
    {
        List<string> words = [command, key];
        int count = random.Next(10) switch { 0 => random.Next(1, 140), < 4 => random.Next(1, 12), _ => 1 };
        for (int i = 0; i < count; i++) words.Add(Member(random));
        return words;
    }

    private static string Member(Random random) => random.Next(8) switch
    {
        < 4 => $"{random.Next(-50, 700)}",
        4 => $"{random.NextInt64()}",
        5 => $"m{random.Next(200)}",
        6 => new string('l', random.Next(60, 70)),
        _ => $"0{random.Next(10)}",
    };

    /// <summary>The bulk strings of a flat reply; none of the members holds a line break.</summary>
    private static List<string> Bulks(string reply)
    {
        string[] lines = reply.Split("\r\n");
        List<string> bulks = [];
        for (int i = 1; i + 1 < lines.Length; i += 2) bulks.Add(lines[i + 1]);
        return bulks;
    }
}
