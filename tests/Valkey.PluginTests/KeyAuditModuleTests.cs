using System.Text.RegularExpressions;
using Valkey.Abstractions;
using Valkey.Host.Plugins;
using Valkey.PluginTests.Fakes;
using Xunit;

namespace Valkey.PluginTests;

public sealed partial class KeyAuditModuleTests : IDisposable
{
    private readonly FakeHost _host = new();
    private readonly FakeCommandContext _ctx = new();

    [Fact]
    public void The_newest_events_come_first()
    {
        Load();
        _host.Raise(KeyspaceEvent.String, "set", "a");
        _host.Raise(KeyspaceEvent.Generic, "del", "b", databaseIndex: 3);

        Assert.Equal(
            "*2 %5 $6 number :2 $5 at-ms :T $2 db :3 $5 event $3 del $3 key $1 b "
            + "%5 $6 number :1 $5 at-ms :T $2 db :0 $5 event $3 set $3 key $1 a",
            Last("10"));
        Assert.Equal("*1 %5 $6 number :2 $5 at-ms :T $2 db :3 $5 event $3 del $3 key $1 b", Last("1"));
        Assert.Equal("*0", Last("0"));
    }

    [Fact]
    public void The_count_must_be_a_number_in_range()
    {
        Load();

        Assert.Equal("-ERR value is not an integer or out of range", Last("x"));
        Assert.Equal("-ERR value is out of range", Last("-1"));
    }

    [Fact]
    public void Only_the_classes_of_the_option_are_heard()
    {
        Load(("keyaudit.events", "g$"));

        _host.Raise(KeyspaceEvent.String, "set", "a");
        _host.Raise(KeyspaceEvent.List, "lpush", "b");
        _host.Raise(KeyspaceEvent.Generic, "del", "a");

        Assert.Equal("2", _host.Info("keyaudit")["keyaudit_seen"]);
        Assert.Equal(
            "%12 $7 generic :1 $6 string :1 $4 list :0 $3 set :0 $4 hash :0 $4 zset :0 $7 expired :0 $7 evicted :0 "
            + "$6 stream :0 $6 module :0 $7 keymiss :0 $3 new :0",
            _ctx.Run(_host.Command("audit.count"), 3, "audit.count"));
    }

    [Fact]
    public void A_change_of_the_option_changes_what_is_heard_at_once()
    {
        Load();
        ConfigOption option = _host.FindOption("keyaudit.events")!;

        Assert.Null(option.TrySet(["l"]));
        Assert.Null(option.Applied!());
        _host.Raise(KeyspaceEvent.String, "set", "a");
        _host.Raise(KeyspaceEvent.List, "lpush", "b");

        Assert.Equal("1", _host.Info("keyaudit")["keyaudit_seen"]);
        Assert.Single(_host.Registered, name => name.StartsWith("subscription", StringComparison.Ordinal));
    }

    [Fact]
    public void An_unknown_class_is_refused()
    {
        Load();
        ConfigOption option = _host.FindOption("keyaudit.events")!;

        Assert.NotNull(option.TrySet(["g?"]));
        Assert.Equal("A", option.Text);
    }

    [Fact]
    public void The_ring_keeps_the_newest_and_a_new_size_keeps_what_fits()
    {
        Load(("keyaudit.ring-size", "3"));
        for (int i = 1; i <= 5; i++) _host.Raise(KeyspaceEvent.String, "set", "k" + i);
        Assert.Equal(["k5", "k4", "k3"], KeysOf(Last("10")));

        ConfigOption option = _host.FindOption("keyaudit.ring-size")!;
        Assert.Null(option.TrySet(["2"]));
        Assert.Null(option.Applied!());
        Assert.Equal(["k5", "k4"], KeysOf(Last("10")));

        Assert.Null(option.TrySet(["4"]));
        Assert.Null(option.Applied!());
        _host.Raise(KeyspaceEvent.String, "set", "k6");
        Assert.Equal(["k6", "k5", "k4"], KeysOf(Last("10")));
    }

    [Fact]
    public void Of_a_long_key_the_beginning_is_kept()
    {
        Load();

        _host.Raise(KeyspaceEvent.String, "set", new string('k', 1000));

        Assert.EndsWith("$200 " + new string('k', 200), Last("1"));
    }

    [Fact]
    public void AUDIT_RESET_forgets_events_and_counts()
    {
        Load();
        _host.Raise(KeyspaceEvent.String, "set", "a");

        Assert.Equal("+OK", _ctx.Run(_host.Command("audit.reset"), 3, "audit.reset"));

        Assert.Equal("*0", Last("10"));
        Assert.Equal("0", _host.Info("keyaudit")["keyaudit_string"]);
    }

    public void Dispose() => _ctx.Dispose();

    private void Load(params (string Name, string Value)[] options)
    {
        ModuleOptionValues values = new();
        foreach ((string name, string value) in options) values.Add(name, value);
        new PluginCatalog(_host).Load(new PluginSource(BuiltPlugins.Sample("KeyAuditModule"), [], IsModule: true), values);
    }

    private string Last(string count) =>
        Time().Replace(_ctx.Run(_host.Command("audit.last"), 3, "audit.last", count), "at-ms :T");

    private static IEnumerable<string> KeysOf(string reply) => Key().Matches(reply).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"at-ms :\d{13}")]
    private static partial Regex Time();

    [GeneratedRegex(@"\$3 key \$\d+ (\S+)")]
    private static partial Regex Key();
}
