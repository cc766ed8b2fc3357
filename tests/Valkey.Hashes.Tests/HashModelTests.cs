// Random commands against a model of a dictionary whose entries may have a time to live: what is replied, what is there for
// readers, the encodings' limits, and that no native memory is left behind.

using Valkey.Structures;
using Xunit;

namespace Valkey.Hashes.Tests;

public sealed class HashModelTests
{
    private const long Never = -1;
    private static readonly string[] s_keys = ["a", "b", "c"];

    [Fact]
    public void Commands_do_to_a_hash_what_they_do_to_a_dictionary_of_strings()
    {
        for (int run = 0; run < 10; run++)
        {
            int seed = run == 0 ? 4711 : Random.Shared.Next();
            long usedBefore = NativeHeap.UsedBytes;
            try
            {
                using HashServer server = new();
                Model model = new(server, new Random(seed), mayExpire: run % 2 == 1);
                for (int i = 0; i < 1500; i++) model.Step();
            }
            catch (Exception ex)
            {
                throw new InvalidOperationException($"Failed with seed {seed} in run {run}.", ex);
            }

            Assert.Equal(usedBefore, NativeHeap.UsedBytes);
        }
    }

    private sealed class Model(HashServer server, Random random, bool mayExpire)
    {
        private readonly Dictionary<string, Dictionary<string, (string Value, long ExpireAt)>> _hashes = Empty();

        public void Step()
        {
            string key = s_keys[random.Next(s_keys.Length)];
            Dictionary<string, (string Value, long ExpireAt)> hash = _hashes[key];
            switch (random.Next(mayExpire ? 11 : 8))
            {
                case 0 or 1 or 2:
                    Set(key, hash);
                    break;
                case 3:
                    string name = Name(), value = Value();
                    Assert.Equal(hash.ContainsKey(name) ? ":0\r\n" : ":1\r\n", server.Run("HSETNX", key, name, value));
                    hash.TryAdd(name, (value, Never));
                    break;
                case 4:
                    Delete(key, hash);
                    break;
                case 5:
                    Increment(key, hash);
                    break;
                case 6:
                    string one = Name(), other = Name();
                    Assert.Equal($"*2\r\n{Bulk(hash, one)}{Bulk(hash, other)}", server.Run("HMGET", key, one, other));
                    Assert.Equal(Bulk(hash, one), server.Run("HGET", key, one));
                    Assert.Equal(hash.ContainsKey(one) ? ":1\r\n" : ":0\r\n", server.Run("HEXISTS", key, one));
                    break;
                case 7:
                    Draw(key, hash);
                    break;
                case 8:
                    Expire(key, hash);
                    break;
                case 9:
                    Persist(key, hash);
                    break;
                default:
                    PassTime(2 * random.Next(1, 1000));
                    break;
            }

            AssertIs(key, hash);
        }

        private static Dictionary<string, Dictionary<string, (string Value, long ExpireAt)>> Empty()
        {
            Dictionary<string, Dictionary<string, (string Value, long ExpireAt)>> hashes = [];
            foreach (string key in s_keys) hashes[key] = [];
            return hashes;
        }

        private void Set(string key, Dictionary<string, (string Value, long ExpireAt)> hash)
        {
            List<string> words = ["HSET", key];
            int count = random.Next(12) switch { 0 => random.Next(1, 600), < 4 => random.Next(1, 12), _ => 1 };
            int newCount = 0;
            for (int i = 0; i < count; i++)
            {
                string name = Name(), value = Value();
                words.AddRange([name, value]);
                if (!hash.ContainsKey(name)) newCount++;
                hash[name] = (value, Never); // what is set anew lives for ever
            }

            Assert.Equal($":{newCount}\r\n", server.Run([.. words]));
        }

        private void Delete(string key, Dictionary<string, (string Value, long ExpireAt)> hash)
        {
            List<string> words = ["HDEL", key];
            int deletedCount = 0;
            for (int i = random.Next(1, 30); i > 0; i--)
            {
                string name = Name();
                words.Add(name);
                if (hash.Remove(name)) deletedCount++;
            }

            Assert.Equal($":{deletedCount}\r\n", server.Run([.. words]));
        }

        private void Increment(string key, Dictionary<string, (string Value, long ExpireAt)> hash)
        {
            string name = "n" + random.Next(5);
            long by = random.Next(-1000, 1000);
            (string text, long expireAt) = hash.TryGetValue(name, out (string, long) old) ? old : ("0", Never);
            string sum = $"{long.Parse(text) + by}";
            hash[name] = (sum, expireAt);

            Assert.Equal($":{sum}\r\n", server.Run("HINCRBY", key, name, $"{by}"));
        }

        private void Draw(string key, Dictionary<string, (string Value, long ExpireAt)> hash)
        {
            int count = random.Next(1, 20);
            string[] drawn = Bulks(server.Run("HRANDFIELD", key, $"{count}"));

            Assert.Equal(Math.Min(count, hash.Count), drawn.Length);
            Assert.Equal(drawn.Length, new HashSet<string>(drawn).Count);
            foreach (string name in drawn) Assert.True(hash.ContainsKey(name), $"{name} is no field");
        }

        private void Expire(string key, Dictionary<string, (string Value, long ExpireAt)> hash)
        {
            string name = Name();
            long ttlMs = (2 * random.Next(0, 1500)) + 1;
            bool isThere = hash.TryGetValue(name, out (string Value, long ExpireAt) field);
            if (isThere) hash[name] = (field.Value, server.Now + ttlMs);

            Assert.Equal($"*1\r\n:{(isThere ? 1 : -2)}\r\n", server.Run("HPEXPIRE", key, $"{ttlMs}", "FIELDS", "1", name));
            Assert.Equal($"*1\r\n:{(isThere ? ttlMs : -2)}\r\n", server.Run("HPTTL", key, "FIELDS", "1", name));
        }

        private void Persist(string key, Dictionary<string, (string Value, long ExpireAt)> hash)
        {
            string name = Name();
            bool isThere = hash.TryGetValue(name, out (string Value, long ExpireAt) field);
            int expected = !isThere ? -2 : field.ExpireAt == Never ? -1 : 1;
            if (isThere) hash[name] = (field.Value, Never);

            Assert.Equal($"*1\r\n:{expected}\r\n", server.Run("HPERSIST", key, "FIELDS", "1", name));
        }

        // The clock shows even milliseconds and fields expire at odd ones: in its last millisecond a field is there for readers, and
        // over for HSET, as in Valkey.
        private void PassTime(int ms)
        {
            server.Now += ms;
            foreach (Dictionary<string, (string Value, long ExpireAt)> hash in _hashes.Values)
            {
                foreach ((string name, (string _, long expireAt)) in hash)
                {
                    if (expireAt != Never && expireAt < server.Now) hash.Remove(name);
                }
            }
        }

        private void AssertIs(string key, Dictionary<string, (string Value, long ExpireAt)> hash)
        {
            string[] pairs = Bulks(server.Run("HGETALL", key));
            Assert.Equal(hash.Count * 2, pairs.Length);
            for (int i = 0; i < pairs.Length; i += 2) Assert.Equal(hash[pairs[i]].Value, pairs[i + 1]);
            if (!mayExpire) Assert.Equal($":{hash.Count}\r\n", server.Run("HLEN", key)); // those that are over count until they are taken out
        }

        private static string Bulk(Dictionary<string, (string Value, long ExpireAt)> hash, string name) =>
            hash.TryGetValue(name, out (string Value, long ExpireAt) field) ? $"${field.Value.Length}\r\n{field.Value}\r\n" : "$-1\r\n";

        private string Name() => random.Next(8) switch
        {
            0 => $"m{random.Next(200)}",
            1 => new string('l', random.Next(60, 70)),
            _ => $"{random.Next(-50, 700)}",
        };

        private string Value() => random.Next(8) switch
        {
            0 => new string('v', random.Next(60, 70)),
            1 => $"{random.NextInt64()}",
            2 => "",
            _ => $"{random.Next(1000)}",
        };

        /// <summary>The bulk strings of a flat reply; none of them holds a line break.</summary>
        private static string[] Bulks(string reply)
        {
            string[] lines = reply.Split("\r\n");
            List<string> bulks = [];
            for (int i = 2; i < lines.Length; i += 2) bulks.Add(lines[i]);
            return [.. bulks];
        }
    }
}
