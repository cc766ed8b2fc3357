using System.Text.RegularExpressions;
using Valkey.Abstractions;
using Valkey.Host.Configuration;
using Xunit;

namespace Valkey.UnitTests.Configuration;

public sealed class HostOptionsTests
{
    private static readonly string s_file = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "valkey.conf"));

    public static TheoryData<string> Names => [.. new HostOptions().All.Select(option => option.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_option_is_explained_in_the_file_with_its_default(string name)
    {
        Match line = Regex.Match(s_file, $"^# {Regex.Escape(name)} (.+)$", RegexOptions.Multiline);
        Assert.True(line.Success, $"valkey.conf does not mention {name}");
        if (name == "dir") return; // its default is where the server was started

        HostOptions options = new();
        options.Register(new OptionRegistry(ServerConfiguration.FromText(line.Value[2..])));

        ConfigOption option = options.All.Single(option => option.Name == name);
        Assert.Equal(option.DefaultText, option.Text);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_fresh_option_has_its_default_and_takes_its_own_text_back(string name)
    {
        ConfigOption option = new HostOptions().All.Single(option => option.Name == name);
        string text = option.Text;
        if (name != "dir") Assert.Equal(option.DefaultText, text);

        if (name != "locale-collate") Assert.Null(option.TrySet(option.Snapshot()));

        Assert.Equal(text, option.Text);
    }

    [Fact]
    public void The_file_loads_as_it_is()
    {
        OptionRegistry registry = new(ServerConfiguration.FromText(s_file));

        new HostOptions().Register(registry);
        new DeferredCapabilities().Register(registry);

        registry.VerifyNothingUnknown();
    }

    [Fact]
    public void The_file_that_harnesses_write_is_accepted()
    {
        OptionRegistry registry = new(ServerConfiguration.FromText(
            """
            always-show-logo yes
            notify-keyspace-events KEA
            daemonize no
            pidfile /var/run/valkey.pid
            timeout 0
            loglevel verbose
            databases 16
            latency-monitor-threshold 1
            repl-diskless-sync-delay 0
            save ''
            rdbcompression yes
            dbfilename dump.rdb
            dir ./
            slave-serve-stale-data yes
            appendonly no
            appendfsync everysec
            no-appendfsync-on-rewrite no
            activerehashing yes
            enable-protected-configs yes
            enable-debug-command yes
            enable-module-command yes
            propagation-error-behavior panic
            shutdown-on-sigterm force
            enable-debug-assert yes
            hide-user-data-from-log no
            hash-max-ziplist-entries 512
            list-max-listpack-size -2
            """));
        HostOptions options = new();

        options.Register(registry);
        new DeferredCapabilities().Register(registry);

        registry.VerifyNothingUnknown();
        Assert.Equal("no", registry.Find("appendonly")!.Text);
    }

    [Theory]
    [InlineData("appendonly yes", "the append-only file needs the Aof plugin, which is not loaded")]
    [InlineData("replicaof 127.0.0.1 6379", "replication needs the Replication plugin, which is not loaded")]
    [InlineData("replicaof 127.0.0.1 x", "Invalid primary port")]
    [InlineData("cluster-enabled yes", "cluster mode needs the Cluster plugin, which is not loaded")]
    [InlineData("tls-port 6380", "TLS needs the Tls plugin, which is not loaded")]
    [InlineData("dbfilename a/b", "dbfilename can't be a path, just a filename")]
    [InlineData("save 1 2 3", "Invalid save parameters")]
    public void What_needs_an_absent_capability_is_refused(string line, string reason)
    {
        OptionRegistry registry = new(ServerConfiguration.FromText(line));

        FatalConfigException failure = Assert.Throws<FatalConfigException>(
            () =>
            {
                new HostOptions().Register(registry);
                new DeferredCapabilities().Register(registry);
            });

        Assert.Equal(reason, failure.Reason);
    }

    [Fact]
    public void Save_points_of_several_lines_add_up_and_CONFIG_SET_gives_the_whole_list()
    {
        OptionRegistry registry = new(ServerConfiguration.FromText("save 3600 1\nsave 300 100\n"));

        HostOptions options = new();

        options.Register(registry);
        options.Snapshots.SavePoints.FileWasRead();

        Assert.Equal("3600 1 300 100", registry.Find("save")!.Text);
        Assert.Null(registry.Find("save")!.TrySet(["60", "5"]));
        Assert.Equal("60 5", registry.Find("save")!.Text);
    }

    [Fact]
    public void Save_points_that_nobody_gave_are_the_default()
    {
        OptionRegistry registry = new(ServerConfiguration.FromText(""));

        new HostOptions().Register(registry);

        ConfigOption save = registry.Find("save")!;
        Assert.Equal("3600 1 300 100 60 10000", save.Text);
        Assert.Empty(save.RewriteLines());
        Assert.Null(save.TrySet([""]));
        Assert.Equal([""], Assert.Single(save.RewriteLines()));
    }

    [Fact]
    public void A_capability_that_a_plugin_brought_keeps_its_own_option()
    {
        OptionRegistry registry = new(ServerConfiguration.FromText("appendonly yes"));
        BoolOption real = new("appendonly", false);
        registry.Add(real, "aof");

        new DeferredCapabilities().Register(registry);

        Assert.Same(real, registry.Find("appendonly"));
        Assert.True(real.Value);
    }

    [Fact]
    public void A_log_file_that_cannot_be_opened_ends_the_start()
    {
        OptionRegistry registry = new(ServerConfiguration.FromText("logfile /nowhere/at/all.log\n"));

        FatalConfigException failure = Assert.Throws<FatalConfigException>(() => new HostOptions().Register(registry));

        Assert.Equal("Can't open the log file: No such file or directory", failure.Reason);
        Assert.Null(failure.Directive);
    }
}
