using Valkey.Host.Plugins;
using Valkey.PluginTests.Fakes;
using Xunit;

namespace Valkey.PluginTests;

public sealed class LoadingTests
{
    private readonly FakeHost _host = new();
    private readonly PluginCatalog _catalog;

    public LoadingTests() => _catalog = new PluginCatalog(_host);

    [Fact]
    public void A_plugin_registers_what_it_offers_under_its_name()
    {
        Load(BuiltPlugins.Fixture("Good"));

        Assert.Equal(
            [
                "command good.ping", "option greeting", "option limit", "section good", "subscription 1",
                "timer 2", "timer 3", "type goodtype",
            ],
            _host.Registered);
        Assert.Equal("good", _host.OwnerOf("command", "good.ping"));
        Assert.Contains("Notice <good> ready", _host.LogLines);
    }

    [Fact]
    public void The_plugin_directory_is_loaded_in_ordinal_order_of_its_folders()
    {
        using ScratchDirectory directory = new();
        directory.Install(BuiltPlugins.Fixture("UsesLibraryTwo"));
        directory.Install(BuiltPlugins.Fixture("Good"));
        directory.Install(BuiltPlugins.Fixture("UsesLibraryOne"));

        _catalog.LoadDirectory(directory.Path);

        Assert.Equal(["good", "needs-library-one", "needs-library-two"], _catalog.All.Select(plugin => plugin.Name));
        Assert.Empty(_catalog.Modules);
    }

    [Fact]
    public void A_DLL_that_lies_in_the_plugin_directory_itself_is_a_plugin_too()
    {
        using ScratchDirectory directory = new();
        File.Copy(BuiltPlugins.Fixture("Good"), Path.Combine(directory.Path, "Good.dll"));

        _catalog.LoadDirectory(directory.Path);

        Assert.Equal("good", Assert.Single(_catalog.All).Name);
    }

    [Fact]
    public void An_empty_plugin_directory_is_fine()
    {
        using ScratchDirectory directory = new();

        _catalog.LoadDirectory(directory.Path);

        Assert.Empty(_catalog.All);
    }

    [Fact]
    public void A_plugin_directory_that_is_not_there_is_named()
    {
        PluginLoadException e = Assert.Throws<PluginLoadException>(() => _catalog.LoadDirectory("/nowhere/plugins"));

        Assert.Equal("/nowhere/plugins: there is no such plugin directory", e.Message);
    }

    [Fact]
    public void A_folder_without_the_DLL_of_its_name_is_named_with_the_DLL()
    {
        using ScratchDirectory directory = new();
        string folder = Directory.CreateDirectory(Path.Combine(directory.Path, "Empty")).FullName;

        PluginLoadException e = Assert.Throws<PluginLoadException>(() => _catalog.LoadDirectory(directory.Path));

        Assert.Equal($"{folder}: the folder holds no Empty.dll", e.Message);
    }

    [Fact]
    public void Two_plugins_may_bring_different_versions_of_one_library()
    {
        Load(BuiltPlugins.Fixture("UsesLibraryOne"));
        Load(BuiltPlugins.Fixture("UsesLibraryTwo"));

        Assert.Contains("Notice <needs-library-one> library 1 of 1.0.0.0", _host.LogLines);
        Assert.Contains("Notice <needs-library-two> library 2 of 2.0.0.0", _host.LogLines);
    }

    [Fact]
    public void A_plugin_may_let_MEF_put_it_together()
    {
        Load(BuiltPlugins.Fixture("WithImports"));

        Assert.Contains("Notice <with-imports> the answer is 42", _host.LogLines);
    }

    [Fact]
    public void The_hosts_contract_wins_over_a_copy_in_the_plugins_folder()
    {
        string path = BuiltPlugins.Fixture("ContractCopy");
        Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(path)!, "Valkey.Abstractions.dll")));

        LoadedPlugin plugin = Load(path);

        Assert.Equal("contract-copy", plugin.Name);
    }

    [Fact]
    public void A_second_plugin_of_the_same_name_is_refused_with_the_path_of_the_first()
    {
        string path = BuiltPlugins.Fixture("Good");
        Load(path);

        PluginLoadException e = Assert.Throws<PluginLoadException>(() => Load(path));

        Assert.Equal($"{path}: a plugin named 'good' is loaded already, from {path}", e.Message);
        Assert.Single(_catalog.All);
    }

    [Theory]
    [InlineData("command", "the command 'good.ping' of 'clashing' exists already: it belongs to 'good'")]
    [InlineData("info", "the section 'good' of 'clashing' exists already: it belongs to 'good'")]
    public void A_name_that_is_taken_is_refused_with_both_owners(string kind, string reason)
    {
        Load(BuiltPlugins.Fixture("Good"));
        string path = BuiltPlugins.Fixture("Clashing");
        PluginSource source = new(path, [kind], IsModule: true);

        PluginLoadException e = Assert.Throws<PluginLoadException>(() => _catalog.Load(source, new ModuleOptionValues()));

        Assert.Equal($"{path}: {reason}", e.Message);
    }

    [Fact]
    public void What_a_plugin_had_registered_before_its_Load_threw_is_taken_back()
    {
        string path = BuiltPlugins.Fixture("ThrowsInLoad");

        PluginLoadException e = Assert.Throws<PluginLoadException>(() => Load(path));

        Assert.Equal($"{path}: half of it was enough", e.Message);
        Assert.Empty(_host.Registered);
        Assert.Empty(_catalog.All);
    }

    [Fact]
    public void A_wrong_value_in_the_configuration_refuses_the_plugin_and_leaves_nothing()
    {
        _host.ConfiguredOptions["limit"] = "1000";

        PluginLoadException e = Assert.Throws<PluginLoadException>(() => Load(BuiltPlugins.Fixture("Good")));

        Assert.EndsWith("argument must be between 1 and 100 inclusive", e.Message);
        Assert.Empty(_host.Registered);
    }

    private LoadedPlugin Load(string path) =>
        _catalog.Load(new PluginSource(path, [], IsModule: false), new ModuleOptionValues());
}
