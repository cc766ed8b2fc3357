using Valkey.Host.Plugins;
using Valkey.PluginTests.Fakes;
using Xunit;

namespace Valkey.PluginTests;

/// <summary>Files that are no plugin for this server: one line with the file and the reason, and nothing changed.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("ThrowsInConstructor", "the constructor gave up")]
    [InlineData("TwoExports", "it exports more than one plugin: Valkey.Fixtures.FirstExport, Valkey.Fixtures.SecondExport")]
    [InlineData("NoExport", "no public class in it has [Export(typeof(IValkeyPlugin))]")]
    [InlineData("Contract2", "it is built against Valkey.Abstractions 2.0, this server has 1.0")]
    [InlineData("Contract199", "it is built against Valkey.Abstractions 1.99, this server has 1.0")]
    [InlineData("BadName", "its name 'bad-name!' is not made of a-z, 0-9, '-' and '_'")]
    [InlineData("NeedsArguments", "Valkey.Fixtures.NeedsArguments has no public constructor without arguments")]
    public void A_plugin_that_is_wrong_is_refused_with_the_reason(string fixture, string reason)
    {
        string path = BuiltPlugins.Fixture(fixture);

        Assert.Equal($"{path}: {reason}", Refusal(path));
    }

    [Fact]
    public void A_plugin_for_a_newer_framework_is_refused_with_both_versions()
    {
        string path = BuiltPlugins.Fixture("FromTheFuture");

        Assert.Equal($"{path}: it is built for .NET 99.0, this server runs on .NET {Environment.Version}", Refusal(path));
    }

    [Fact]
    public void A_plugin_for_another_processor_is_refused_with_both()
    {
        string path = BuiltPlugins.Fixture("For32Bits");

        Assert.StartsWith($"{path}: it is built for I386, this server runs on ", Refusal(path));
    }

    [Fact]
    public void A_missing_native_part_is_named()
    {
        string path = BuiltPlugins.Fixture("MissingNative");

        string refusal = Refusal(path);

        Assert.StartsWith($"{path}: DllNotFoundException: ", refusal);
        Assert.Contains("valkey-fixture-not-there", refusal);
        Assert.DoesNotContain('\n', refusal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        Assert.Equal("/nowhere/Some.dll: there is no such file", Refusal("/nowhere/Some.dll"));
    }

    [Fact]
    public void An_assembly_that_knows_nothing_of_the_contract_is_no_plugin()
    {
        string path = typeof(Assert).Assembly.Location;

        Assert.Equal($"{path}: it does not reference Valkey.Abstractions: not a plugin", Refusal(path));
    }

    [Fact]
    public void A_native_library_under_the_name_of_a_DLL_is_recognized()
    {
        using ScratchDirectory directory = new();
        string native = Directory.GetFiles(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "*.so")[0];
        string path = Path.Combine(directory.Path, "Native.dll");
        File.Copy(native, path);

        Assert.Equal($"{path}: it is a native library (ELF), not a .NET assembly", Refusal(path));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(200)]
    [InlineData(700)]
    [InlineData(2500)]
    public void A_truncated_DLL_is_refused_wherever_it_was_cut(int sizeBytes)
    {
        using ScratchDirectory directory = new();
        string path = Path.Combine(directory.Path, "Cut.dll");
        File.WriteAllBytes(path, File.ReadAllBytes(BuiltPlugins.Fixture("Good"))[..sizeBytes]);

        string refusal = Refusal(path);

        Assert.True(
            refusal == $"{path}: it is not a .NET assembly, or a damaged one"
            || refusal == $"{path}: it is truncated: its headers promise more than the file holds",
            refusal);
    }

    [Fact]
    public void A_text_file_under_the_name_of_a_DLL_is_no_assembly()
    {
        using ScratchDirectory directory = new();
        string path = Path.Combine(directory.Path, "Text.dll");
        File.WriteAllText(path, "this is not the plugin that you are looking for");

        Assert.Equal($"{path}: it is not a .NET assembly, or a damaged one", Refusal(path));
    }

    private static string Refusal(string path)
    {
        FakeHost host = new();
        PluginCatalog catalog = new(host);
        string message = Assert.Throws<PluginLoadException>(
            () => catalog.Load(new PluginSource(path, [], IsModule: true), new ModuleOptionValues())).Message;
        Assert.Empty(host.Registered);
        Assert.Empty(catalog.All);
        return message;
    }
}
