using Valkey.Abstractions;
using Valkey.Host.Plugins;
using Valkey.PluginTests.Fakes;
using Xunit;

namespace Valkey.PluginTests;

public sealed class ModuleTests : IDisposable
{
    private const string LoadFailed = "-ERR Error loading the extension. Please check the server logs.";

    private readonly FakeHost _host = new();
    private readonly FakeCommandContext _ctx = new();
    private readonly ModuleService _modules;

    public ModuleTests()
    {
        _modules = new ModuleService(_host, new PluginCatalog(_host));
        ModuleService.Resolve = ctx => ctx == _ctx ? _modules : throw new InvalidOperationException("another server");
    }

    private static string Good => BuiltPlugins.Fixture("Good");

    [Fact]
    public void MODULE_LOAD_loads_a_DLL_and_the_log_says_so()
    {
        Assert.Equal("+OK", Load(Good));

        Assert.Contains($"Notice Module 'good' loaded from {Good}", _host.LogLines);
    }

    [Fact]
    public void MODULE_LOAD_takes_a_folder_for_the_DLL_of_its_name()
    {
        Assert.Equal("+OK", Load(Path.GetDirectoryName(Good)!));

        Assert.Equal(Path.GetDirectoryName(Good), ((IPluginContext)Assert.Single(_modules.Loaded).Context).Directory);
    }

    [Fact]
    public void MODULE_LOAD_of_a_bad_file_replies_an_error_and_the_log_knows_the_reason()
    {
        Assert.Equal(LoadFailed, Load("/nowhere/Some.dll"));

        Assert.Contains("Warning Module failed to load: /nowhere/Some.dll: there is no such file", _host.LogLines);
        Assert.Empty(_host.Registered);
    }

    [Theory]
    [InlineData(2, "*8 $4 name $4 good $3 ver :10203 $4 path {0} $4 args *2 $1 a $1 b")]
    [InlineData(3, "%4 $4 name $4 good $3 ver :10203 $4 path {0} $4 args *2 $1 a $1 b")]
    public void MODULE_LIST_replies_a_map_per_module(int protocolVersion, string expected)
    {
        Load(Good, "a", "b");

        string reply = _ctx.Run(ModuleCommands.List, protocolVersion, "module", "list");

        Assert.Equal("*1 " + string.Format(null, expected, $"${Good.Length} {Good}"), reply);
    }

    [Fact]
    public void The_options_of_a_module_bear_its_name()
    {
        Load(Good);

        Assert.NotNull(_host.FindOption("good.greeting"));
        Assert.Null(_host.FindOption("greeting"));
    }

    [Fact]
    public void MODULE_LOADEX_sets_options_and_passes_arguments()
    {
        string reply = LoadEx(Good, "CONFIG", "good.greeting", "moin", "config", "good.limit", "7", "ARGS", "config", "x");

        Assert.Equal("+OK", reply);
        Assert.Equal("moin", _host.FindOption("good.greeting")!.Text);
        Assert.Equal("7", _host.FindOption("good.limit")!.Text);
        Assert.Equal(["config", "x"], Assert.Single(_modules.Loaded).Source.Arguments);
    }

    [Fact]
    public void MODULE_LOADEX_counts_for_more_than_the_configuration_file()
    {
        _host.ConfiguredOptions["good.limit"] = "5";

        LoadEx(Good, "CONFIG", "good.limit", "6");

        Assert.Equal("6", _host.FindOption("good.limit")!.Text);
    }

    [Theory]
    [InlineData("CONFIG", "good.limit", "0")]
    [InlineData("CONFIG", "good.nothing", "1")]
    [InlineData("CONFIG", "other.limit", "1")]
    [InlineData("CONFIG", "good.limit")]
    [InlineData("CONFIG")]
    [InlineData("limit", "1")]
    public void MODULE_LOADEX_with_a_wrong_option_loads_nothing_and_logs_why(params string[] arguments)
    {
        Assert.Equal(LoadFailed, LoadEx([Good, .. arguments]));

        Assert.Empty(_host.Registered);
        Assert.Empty(_modules.Loaded);
        Assert.Contains(_host.LogLines, line => line.StartsWith("Warning M", StringComparison.Ordinal));
    }

    [Fact]
    public void MODULE_UNLOAD_replies_OK_or_the_reason()
    {
        Load(Good);

        Assert.Equal("-ERR Error unloading module: no such module with that name", Unload("hello"));
        Assert.Equal("+OK", Unload("good"));
        Assert.Equal("-ERR Error unloading module: no such module with that name", Unload("good"));
    }

    [Fact]
    public void MODULE_HELP_names_every_subcommand()
    {
        string reply = _ctx.Run(ModuleCommands.Help, 3, "module", "help");

        Assert.All(["LIST", "LOAD <path>", "LOADEX <path>", "UNLOAD <name>", "HELP"], text => Assert.Contains("+" + text, reply));
    }

    [Fact]
    public void Callbacks_that_throw_are_logged_counted_and_go_no_further()
    {
        Load(Good, "faulty", "background", "post");

        _host.Raise(KeyspaceEvent.Generic, "del", "key");
        _host.FireTimers();
        _host.EndBackgroundWork();
        _host.Posted.Dequeue()();

        Assert.Equal(5, Assert.Single(_modules.Loaded).Context.Faults.Count);
        string line = Assert.Single(_host.LogLines, line => line.StartsWith("Warning", StringComparison.Ordinal));
        Assert.StartsWith("Warning <good> a key event subscriber threw FormatException: a tick went wrong", line);
        Assert.DoesNotContain(_host.Registered, name => name.StartsWith("timer", StringComparison.Ordinal));
    }

    [Fact]
    public void A_timer_that_fired_once_is_forgotten_and_a_repeating_one_stays()
    {
        Load(Good);
        Assert.Equal(2, _host.All<Action>("timer").Count());

        _host.FireTimers();
        _host.FireTimers();

        Assert.Single(_host.All<Action>("timer"));
        Assert.Equal("3", _host.Info("good")["ticks"]);
    }

    public void Dispose() => _ctx.Dispose();

    private string Load(params string[] arguments) => _ctx.Run(ModuleCommands.Load, 3, ["module", "load", .. arguments]);

    private string LoadEx(params string[] arguments) => _ctx.Run(ModuleCommands.LoadEx, 3, ["module", "loadex", .. arguments]);

    private string Unload(string name) => _ctx.Run(ModuleCommands.Unload, 3, "module", "unload", name);
}
