using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Configuration;
using Xunit;

namespace Valkey.UnitTests.Configuration;

public sealed class ConfigServiceTests
{
    private static readonly TestClient s_remote = new("10.0.0.1:5000");
    private static readonly TestClient s_local = new("127.0.0.1:5000");

    private readonly TestLog _log = new();
    private readonly OptionRegistry _registry;
    private readonly HostOptions _host = new();
    private readonly ConfigService _service;

    public ConfigServiceTests()
    {
        ServerConfiguration configuration = ServerConfiguration.FromText("enable-protected-configs local\n");
        _registry = new OptionRegistry(configuration);
        _host.Register(_registry);
        _service = new ConfigService(_registry, configuration, _host, _log);
    }

    [Theory]
    [InlineData("maxmemory", "maxmemory")]
    [InlineData("MaxMemory", "MaxMemory")]
    [InlineData("maxmemory-[ps]*", "maxmemory-policy,maxmemory-samples")]
    [InlineData("SLOWLOG-max-*", "slowlog-max-len")]
    [InlineData("*sigterm", "shutdown-on-sigterm")]
    [InlineData("client-default-res?", "")]
    [InlineData("client-default-resp", "client-default-resp")]
    [InlineData("nothing", "")]
    public void GET_finds_names_aliases_and_patterns(string pattern, string expected)
    {
        Dictionary<string, ConfigOption> matches = new(StringComparer.OrdinalIgnoreCase);

        _service.Select(matches, Encoding.UTF8.GetBytes(pattern));

        Assert.Equal(expected, string.Join(',', matches.Keys.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void SET_changes_several_options_at_once()
    {
        Assert.Null(Set("maxmemory", "10mb", "slowlog-max-len", "5"));

        Assert.Equal(10 << 20, _host.MaxMemory.Value);
        Assert.Equal(5, _host.CommandLogSlowMaxLen.Value);
    }

    [Theory]
    [InlineData("nonsense", "1", "ERR Unknown option or number of arguments for CONFIG SET - 'nonsense'")]
    [InlineData("Databases", "1", "ERR CONFIG SET failed (possibly related to argument 'Databases') - can't set immutable config")]
    [InlineData("maxmemory", "x", "ERR CONFIG SET failed (possibly related to argument 'maxmemory') - argument must be a memory value")]
    [InlineData("maxmemory", "-1", "ERR CONFIG SET failed (possibly related to argument 'maxmemory') - argument must be a memory value")]
    [InlineData("maxmemory-samples", "0", "ERR CONFIG SET failed (possibly related to argument 'maxmemory-samples') - argument must be between 1 and 64 inclusive")]
    [InlineData("maxmemory-samples", "+5", "ERR CONFIG SET failed (possibly related to argument 'maxmemory-samples') - argument couldn't be parsed into an integer")]
    [InlineData("maxmemory-clients", "101%", "ERR CONFIG SET failed (possibly related to argument 'maxmemory-clients') - percentage argument must be less or equal to 100")]
    [InlineData("activerehashing", "maybe", "ERR CONFIG SET failed (possibly related to argument 'activerehashing') - argument must be 'yes' or 'no'")]
    [InlineData("loglevel", "loud", "ERR CONFIG SET failed (possibly related to argument 'loglevel') - argument(s) must be one of the following: debug, verbose, notice, warning, nothing")]
    [InlineData("shutdown-on-sigint", "save nosave", "ERR CONFIG SET failed (possibly related to argument 'shutdown-on-sigint') - shutdown options SAVE and NOSAVE can't be used simultaneously")]
    [InlineData("oom-score-adj-values", "1 2", "ERR CONFIG SET failed (possibly related to argument 'oom-score-adj-values') - wrong number of arguments")]
    [InlineData("client-output-buffer-limit", "wrong 1 2 3", "ERR CONFIG SET failed (possibly related to argument 'client-output-buffer-limit') - Invalid client class specified in buffer limit configuration.")]
    [InlineData("proc-title-template", "{nonsense}", "ERR CONFIG SET failed (possibly related to argument 'proc-title-template') - template format is invalid or contains unknown variables")]
    [InlineData("locale-collate", "no_SUCH", "ERR CONFIG SET failed (possibly related to argument 'locale-collate') - Invalid locale name")]
    [InlineData("io-threads", "4", "ERR CONFIG SET failed (possibly related to argument 'io-threads') - this server has no I/O threads yet, only 1 is possible")]
    public void SET_refuses_with_the_usual_text_and_changes_nothing(string name, string value, string expected)
    {
        string? before = _registry.Find(name)?.Text;

        Assert.Equal(expected, Set("lfu-log-factor", "77", name, value));

        Assert.Equal(10, _host.LfuLogFactor.Value);
        Assert.Equal(before, _registry.Find(name)?.Text);
    }

    [Fact]
    public void An_option_may_not_appear_twice_even_by_its_alias() => Assert.Equal(
        "ERR CONFIG SET failed (possibly related to argument 'slowlog-max-len') - duplicate parameter",
        Set("commandlog-slow-execution-max-len", "1", "slowlog-max-len", "2"));

    [Fact]
    public void When_applying_fails_everything_goes_back_and_is_applied_again()
    {
        List<string> applied = [];
        _host.LfuDecayTime.Applied = () =>
        {
            applied.Add("decay " + _host.LfuDecayTime.Text);
            return null;
        };
        _host.LfuLogFactor.Applied = () =>
        {
            applied.Add("factor " + _host.LfuLogFactor.Text);
            return _host.LfuLogFactor.Value == 99 ? "too much" : null;
        };

        string? error = Set("lfu-decay-time", "7", "lfu-log-factor", "99");

        Assert.Equal("ERR CONFIG SET failed (possibly related to argument 'lfu-log-factor') - too much", error);
        Assert.Equal(["decay 7", "factor 99", "decay 1", "factor 10"], applied);
        Assert.Contains(
            "Failed applying new configuration. Possibly related to new lfu-log-factor setting. Restoring previous settings.",
            _log.Lines);
    }

    [Fact]
    public void An_option_that_keeps_its_value_is_not_applied()
    {
        int count = 0;
        _host.LfuDecayTime.Applied = () => ++count > 0 ? null : "never";

        Assert.Null(Set("lfu-decay-time", "1"));

        Assert.Equal(0, count);
    }

    [Fact]
    public void A_shared_callback_runs_once()
    {
        int count = 0;
        string? Apply() => ++count > 0 ? null : "never";
        _host.LfuDecayTime.Applied = _host.LfuLogFactor.Applied = Apply;

        Assert.Null(Set("lfu-decay-time", "3", "lfu-log-factor", "4"));

        Assert.Equal(1, count);
    }

    [Fact]
    public void Protected_options_are_for_those_whom_the_option_allows()
    {
        (string, string)[] pairs = [("dir", Directory.GetCurrentDirectory())];

        Assert.Equal(
            "ERR CONFIG SET failed (possibly related to argument 'dir') - can't set protected config",
            _service.SetAll(pairs, s_remote));
        Assert.Null(_service.SetAll(pairs, s_local));
    }

    [Fact]
    public void While_loading_some_options_answer_LOADING()
    {
        _service.IsLoading = () => true;

        Assert.Equal(
            "LOADING Valkey is loading the dataset in memory",
            _service.SetAll([("dir", "/tmp")], s_local));
    }

    [Fact]
    public void Limits_of_classes_add_up()
    {
        Assert.Null(Set("client-output-buffer-limit", "normal 1mb 2mb 60 replica 0 0 0"));

        Assert.Equal("normal 1048576 2097152 60 slave 0 0 0 pubsub 33554432 8388608 60", _host.ClientOutputBufferLimit.Text);
        Assert.Equal(new OutputBufferLimit(1 << 20, 2 << 20, 60), _host.OutputBufferLimits[ClientLimitClass.Normal]);
    }

    [Fact]
    public void Changed_names_are_announced()
    {
        IReadOnlyList<string> names = [];
        _service.Changed = changed => names = changed;

        Assert.Null(Set("slowlog-max-len", "9", "hz", "1000"));

        Assert.Equal(["commandlog-slow-execution-max-len", "hz"], names);
        Assert.Equal(500, _host.Hz.Value);
    }

    private string? Set(params string[] words)
    {
        List<(string, string)> pairs = [];
        for (int i = 0; i < words.Length; i += 2) pairs.Add((words[i], words[i + 1]));
        return _service.SetAll(pairs, s_remote);
    }
}
