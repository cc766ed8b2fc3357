// Every command against a plain list of strings, by random steps, at several limits; the encoding must follow the limits.

using System.Globalization;
using System.Text;
using Valkey.Abstractions;
using Valkey.Structures;
using Xunit;

namespace Valkey.Lists.Tests;

public sealed class ListModelTests : IDisposable
{
    private static readonly OptionStore s_options = new();

    public ListModelTests() => SetOptions(-2, 0);

    public void Dispose() => SetOptions(-2, 0);

    [Theory]
    [InlineData(-2, 0)]
    [InlineData(-1, 1)]
    [InlineData(-5, 2)]
    [InlineData(1, 0)]
    [InlineData(10, 1)]
    [InlineData(128, 0)]
    public void A_list_behaves_like_a_list_of_strings(int fill, int depth)
    {
        SetOptions(fill, depth);
        for (int run = 0; run < 6; run++)
        {
            int seed = run == 0 ? 4711 : Random.Shared.Next();
            long before = NativeHeap.UsedBytes;
            try
            {
                Run(new Random(seed), longest: run % 2 == 0 ? 40 : 4_000);
            }
            catch (Exception ex)
            {
                throw new InvalidOperationException($"Failed with seed {seed}.", ex);
            }

            Assert.Equal(before, NativeHeap.UsedBytes);
        }
    }

    [Fact]
    public void A_list_turns_into_a_quicklist_at_the_limit_and_back_at_half_of_it()
    {
        SetOptions(10, 0);
        using ListServer server = new();
        for (int i = 0; i < 10; i++) server.Run("RPUSH", "list", "e");
        Assert.Equal("listpack", server.Encoding("list"));

        server.Run("LPUSH", "list", "e");
        Assert.Equal("quicklist", server.Encoding("list"));
        server.Run("LPOP", "list");
        server.Run("RPOP", "list", "4");
        Assert.Equal("quicklist", server.Encoding("list"));
        server.Run("RPOP", "list");
        Assert.Equal("listpack", server.Encoding("list"));
    }

    private static void Run(Random random, int longest)
    {
        using ListServer server = new();
        List<string> model = [];
        for (int i = 0; i < 400; i++)
        {
            Step(random, server, model, longest);
            Assert.Equal(model, server.Elements("list"));
            if (model.Count == 0) Assert.False(server.LookupRead("list"u8).Exists);
        }
    }

    private static void Step(Random random, ListServer server, List<string> model, int longest)
    {
        string element = Element(random, longest);
        string known = model.Count == 0 || random.Next(4) == 0 ? element : model[random.Next(model.Count)];
        int index = random.Next(-model.Count - 2, model.Count + 2);
        int place = index < 0 ? index + model.Count : index;
        bool exists = (uint)place < (uint)model.Count;
        switch (random.Next(10))
        {
            case 0 or 1:
                string[] several = [.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => Element(random, longest))];
                bool first = random.Next(2) == 0;
                string[] pushed = [first ? "LPUSH" : "RPUSH", "list", .. several];
                if (first) Array.Reverse(several);
                model.InsertRange(first ? 0 : model.Count, several);
                Assert.Equal($":{model.Count}\r\n", server.Run(pushed));
                break;
            case 2:
                bool left = random.Next(2) == 0;
                string popped = model.Count == 0 ? "$-1\r\n" : Bulk(left ? model[0] : model[^1]);
                if (model.Count > 0) model.RemoveAt(left ? 0 : model.Count - 1);
                Assert.Equal(popped, server.Run(left ? "LPOP" : "RPOP", "list"));
                break;
            case 3:
                Assert.Equal(exists ? Bulk(model[place]) : "$-1\r\n", server.Run("LINDEX", "list", Text(index)));
                break;
            case 4:
                string expected = model.Count == 0 ? "-ERR no such key\r\n" : exists ? "+OK\r\n" : "-ERR index out of range\r\n";
                if (exists) model[place] = element;
                Assert.Equal(expected, server.Run("LSET", "list", Text(index), element));
                break;
            case 5:
                int pivot = model.IndexOf(known);
                bool after = random.Next(2) == 0;
                bool isMissing = model.Count == 0;
                if (pivot >= 0) model.Insert(after ? pivot + 1 : pivot, element);
                string length = isMissing ? ":0\r\n" : pivot < 0 ? ":-1\r\n" : $":{model.Count}\r\n";
                Assert.Equal(length, server.Run("LINSERT", "list", after ? "AFTER" : "BEFORE", known, element));
                break;
            case 6:
                int count = random.Next(-3, 4);
                Assert.Equal($":{Remove(model, known, count)}\r\n", server.Run("LREM", "list", Text(count), known));
                break;
            case 7:
                int start = random.Next(4);
                int stop = -random.Next(1, 4);
                server.Run("LTRIM", "list", Text(start), Text(stop));
                int kept = Math.Max(model.Count + stop - start + 1, 0);
                model.RemoveRange(Math.Min(start + kept, model.Count), model.Count - Math.Min(start + kept, model.Count));
                model.RemoveRange(0, Math.Min(start, model.Count));
                break;
            case 8:
                bool fromLeft = random.Next(2) == 0;
                bool toLeft = random.Next(2) == 0;
                string moved = model.Count == 0 ? "$-1\r\n" : Bulk(fromLeft ? model[0] : model[^1]);
                Rotate(model, fromLeft, toLeft);
                Assert.Equal(moved, server.Run("LMOVE", "list", "list", fromLeft ? "LEFT" : "RIGHT", toLeft ? "LEFT" : "RIGHT"));
                break;
            default:
                int rank = random.Next(1, 3);
                int found = model.IndexOf(known);
                if (rank == 2 && found >= 0) found = model.IndexOf(known, found + 1);
                Assert.Equal(found < 0 ? "$-1\r\n" : $":{found}\r\n", server.Run("LPOS", "list", known, "RANK", Text(rank)));
                break;
        }
    }

    private static int Remove(List<string> model, string element, int count)
    {
        int removed = 0;
        while (count == 0 || removed < Math.Abs(count))
        {
            int at = count < 0 ? model.LastIndexOf(element) : model.IndexOf(element);
            if (at < 0) break;
            model.RemoveAt(at);
            removed++;
        }

        return removed;
    }

    private static void Rotate(List<string> model, bool fromLeft, bool toLeft)
    {
        if (model.Count == 0) return;
        string moved = fromLeft ? model[0] : model[^1];
        model.RemoveAt(fromLeft ? 0 : model.Count - 1);
        model.Insert(toLeft ? 0 : model.Count, moved);
    }

    private static string Element(Random random, int longest) => random.Next(3) switch
    {
        0 => Text(random.Next(8)),
        1 => (random.NextInt64() >> random.Next(64)).ToString(CultureInfo.InvariantCulture),
        _ => new string((char)random.Next('a', 'e'), random.Next(longest)),
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Bulk(string text) => $"${Encoding.Latin1.GetByteCount(text)}\r\n{text}\r\n";

    private static void SetOptions(int fill, int depth)
    {
        s_options.Set("list-max-listpack-size", Text(fill));
        s_options.Set("list-compress-depth", Text(depth));
    }

    /// <summary>Keeps what the plugin registers, so that tests can set it.</summary>
    private sealed class OptionStore : IOptionRegistry
    {
        private readonly Dictionary<string, ConfigOption> _byName = [];

        public OptionStore() => ListOptions.Register(this);

        public void Add(ConfigOption option) => _byName.Add(option.Name, option);

        public ConfigOption? Find(string name) => _byName.GetValueOrDefault(name);

        public void Set(string name, string value) => Assert.Null(_byName[name].TrySet([value]));
    }
}
