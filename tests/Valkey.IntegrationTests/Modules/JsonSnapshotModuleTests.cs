// A persistence provider of a third party: BGSAVE chooses it by its name, and it sees every key.

using System.Text.Json;

namespace Valkey.IntegrationTests.Modules;

[Trait(Tags.Name, Tags.ExternalSkip)]
[Trait(Tags.Name, Tags.OursOnly)]
[Trait(Tags.Name, Tags.NeedsSave)]
public sealed class JsonSnapshotModuleTests
{
    [SkippableFact]
    public async Task BGSAVE_jsonlines_writes_a_line_for_every_key()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(
            BuiltModules.With("JsonSnapshotModule", "forkless-options-supported yes", "hash-max-listpack-entries 2"));
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "text", "hello");
        await client.CallAsync("SET", "number", 42);
        await client.CallAsync("SET", "bytes", new byte[] { 0xFF, 0x00 });
        await client.CallAsync("RPUSH", "list", "a", "b", 3);
        await client.CallAsync("SADD", "set", "only");
        await client.CallAsync("ZADD", "zset", 1.5, "low", "inf", "high");
        await client.CallAsync("HSET", "hash", "field", "value");
        await client.CallAsync("HSET", "big", "f1", 1, "f2", 2, "f3", 3);
        await client.CallAsync("SELECT", 3);
        await client.CallAsync("SET", "expiring", "x", "PXAT", 4_000_000_000_000);

        Assert.Equal("Background saving started", await client.TextAsync("BGSAVE", "jsonlines"));

        string path = Path.Combine(server.Folder, "dump.jsonl");
        await WaitFor.ConditionAsync(() => File.Exists(path), "the file is there");
        Dictionary<string, JsonElement> lines = [];
        foreach (string line in await File.ReadAllLinesAsync(path))
        {
            JsonElement element = JsonDocument.Parse(line).RootElement;
            lines.Add(element.GetProperty("key").GetString()!, element);
        }

        Assert.Equal(9, lines.Count);
        Assert.Equal("""{"db":0,"key":"text","type":"string","value":"hello"}""", lines["text"].GetRawText());
        Assert.Equal("\"42\"", ValueOf("number"));
        Assert.Equal("""{"base64":"/wA="}""", ValueOf("bytes"));
        Assert.Equal("""["a","b","3"]""", ValueOf("list"));
        Assert.Equal("""["only"]""", ValueOf("set"));
        Assert.Equal("""[["low",1.5],["high","inf"]]""", ValueOf("zset"));
        Assert.Equal("""[["field","value"]]""", ValueOf("hash"));
        Assert.Equal(3, lines["big"].GetProperty("value").GetArrayLength());
        Assert.Equal(4_000_000_000_000, lines["expiring"].GetProperty("expireAtMs").GetInt64());
        Assert.Equal(3, lines["expiring"].GetProperty("db").GetInt32());
        Assert.Contains("jsonlines_keys_written:9", await client.TextAsync("INFO", "persistence"), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(server.Folder, "dump.rdb")));

        string ValueOf(string key) => lines[key].GetProperty("value").GetRawText();
    }

    [SkippableFact]
    public async Task Without_epochs_it_says_what_it_needs_and_a_wrong_name_says_what_there_is()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(BuiltModules.With("JsonSnapshotModule"));
        await using RespClient client = await server.ConnectAsync();

        Assert.Contains("forkless-options-supported", await client.RawAsync("BGSAVE", "jsonlines"), StringComparison.Ordinal);
        Assert.Contains("jsonlines", await client.RawAsync("BGSAVE", "xml"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_file_that_cannot_be_written_fails_the_save_and_not_the_server()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(BuiltModules.With(
            "JsonSnapshotModule", "forkless-options-supported yes", "jsonsnapshot.filename /no/such/folder/dump.jsonl"));
        await using RespClient client = await server.ConnectAsync();
        await client.CallAsync("SET", "key", "value");

        Assert.StartsWith("-ERR", await client.RawAsync("BGSAVE", "jsonlines"), StringComparison.Ordinal);

        Assert.Equal("PONG", await client.TextAsync("PING"));
        await server.WaitForLogAsync("/no/such/folder/dump.jsonl cannot be written");
    }
}
