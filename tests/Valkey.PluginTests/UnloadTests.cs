using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Host.Plugins;
using Valkey.PluginTests.Fakes;
using Xunit;

namespace Valkey.PluginTests;

public sealed class UnloadTests
{
    private const int CollectionCountMax = 20;

    private readonly FakeHost _host = new();
    private readonly PluginCatalog _catalog;
    private readonly ModuleService _modules;

    public UnloadTests()
    {
        _catalog = new PluginCatalog(_host);
        _modules = new ModuleService(_host, _catalog);
    }

    [Fact]
    public void A_module_that_was_unloaded_leaves_nothing_registered()
    {
        LoadGood();

        Assert.Null(_modules.TryUnload("good", out _));

        Assert.Empty(_host.Registered);
        Assert.Empty(_modules.Loaded);
        Assert.Contains("Notice Module good unloaded", _host.LogLines);
    }

    [Theory]
    [InlineData("")]
    [InlineData("faulty")]
    [InlineData("background")]
    [InlineData("post")]
    public void The_code_of_an_unloaded_module_is_gone_from_memory(string argument)
    {
        WeakReference assemblies = LoadUseAndUnload(argument);

        Assert.True(IsGoneAfterCollections(assemblies));
    }

    [Theory]
    [InlineData("HelloModule")]
    [InlineData("CounterMapModule")]
    [InlineData("KeyAuditModule")]
    public void The_code_of_a_sample_is_gone_from_memory_after_its_unload(string sample)
    {
        WeakReference assemblies = LoadAndUnloadSample(sample);

        Assert.True(IsGoneAfterCollections(assemblies));
    }

    [Fact]
    public void The_code_of_a_module_that_could_not_be_loaded_is_gone_from_memory()
    {
        int failedLoadCount = 3;
        for (int i = 0; i < failedLoadCount; i++) FailToLoad();

        Assert.True(SpinUntilCollected(() => LoadedAssemblyCount("ThrowsInLoad") == 0));
    }

    [Fact]
    public void A_module_can_be_loaded_again_after_it_was_unloaded()
    {
        LoadGood();
        Assert.Null(_modules.TryUnload("good", out _));

        LoadGood();

        Assert.Equal("good", Assert.Single(_modules.Loaded).Name);
        Assert.Contains("option good.greeting", _host.Registered);
    }

    [Fact]
    public void A_module_stays_while_values_of_its_type_are_alive()
    {
        LoadGood();
        string[] before = [.. _host.Registered];
        _host.KeyCounts["goodtype"] = 3;

        string? refusal = _modules.TryUnload("good", out _);

        Assert.Equal(
            "the module exports one or more module-side data types, can't unload: "
            + "3 value(s) of type 'goodtype' are alive", refusal);
        Assert.Equal(before, _host.Registered);
    }

    [Fact]
    public void A_module_stays_while_its_background_work_runs_and_can_leave_afterwards()
    {
        LoadGood("background");
        Assert.Equal(
            "the module has background work that has not ended. Please wait for it and try again",
            _modules.TryUnload("good", out _));

        _host.EndBackgroundWork();

        Assert.Null(_modules.TryUnload("good", out _));
    }

    [Fact]
    public void A_module_that_refuses_stays_as_it_was()
    {
        LoadGood("refuse-unload");
        string[] before = [.. _host.Registered];

        Assert.Equal("not now", _modules.TryUnload("good", out _));

        Assert.Equal(before, _host.Registered);
        Assert.Contains("Warning Error unloading module good: not now", _host.LogLines);
        PluginContext context = Assert.Single(_modules.Loaded).Context;
        context.Timers.After(TimeSpan.Zero, () => { });
        Assert.Equal(before.Length + 1, _host.Registered.Count());
    }

    [Fact]
    public void What_ships_in_the_plugin_directory_stays()
    {
        _catalog.Load(new PluginSource(BuiltPlugins.Fixture("Good"), [], IsModule: false), new ModuleOptionValues());

        Assert.Equal(
            "it belongs to the plugin directory and stays as long as the server runs", _modules.TryUnload("good", out _));
    }

    [Fact]
    public void Nothing_can_be_registered_by_a_plugin_that_has_left()
    {
        PluginContext context = LoadGood().Context;
        Assert.Null(_modules.TryUnload("good", out _));

        Assert.Throws<InvalidOperationException>(() => context.Timers.After(TimeSpan.Zero, () => { }));
        Assert.Throws<InvalidOperationException>(() => context.Background.Post(() => { }));
        Assert.Empty(_host.Registered);
    }

    private LoadedPlugin LoadGood(params string[] arguments) => _modules.LoadOrThrow(BuiltPlugins.Fixture("Good"), arguments);

    // Not inlined: a local of this method would keep the module alive in the caller's frame.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference LoadUseAndUnload(string argument)
    {
        LoadGood(argument);
        FakeCommandContext ctx = new();
        Assert.Equal("+PONG", ctx.Run(_host.Command("good.ping"), 3, "good.ping"));
        _host.Raise(KeyspaceEvent.Generic, "del", "key");
        _host.FireTimers();
        if (_host.BackgroundWork.Count > 0) _host.EndBackgroundWork();
        if (_host.Posted.Count > 0) _host.Posted.Dequeue()();
        Assert.NotEmpty(_host.Info("good"));
        ctx.Dispose();
        Assert.Null(_modules.TryUnload("good", out WeakReference? assemblies));
        return assemblies!;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference LoadAndUnloadSample(string sample)
    {
        LoadedPlugin module = _modules.LoadOrThrow(BuiltPlugins.Sample(sample), []);
        _host.Raise(KeyspaceEvent.Generic, "del", "key");
        _host.FireTimers();
        Assert.Null(_modules.TryUnload(module.Name, out WeakReference? assemblies));
        return assemblies!;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FailToLoad() =>
        Assert.Throws<PluginLoadException>(() => _modules.LoadOrThrow(BuiltPlugins.Fixture("ThrowsInLoad"), []));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int LoadedAssemblyCount(string name) =>
        AppDomain.CurrentDomain.GetAssemblies().Count(assembly => assembly.IsCollectible && assembly.GetName().Name == name);

    private static bool IsGoneAfterCollections(WeakReference assemblies) => SpinUntilCollected(() => !assemblies.IsAlive);

    private static bool SpinUntilCollected(Func<bool> isGone)
    {
        for (int i = 0; i < CollectionCountMax && !isGone(); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return isGone();
    }
}
