using Valkey.Host.Plugins;
using Valkey.PluginTests.Fakes;
using Xunit;

namespace Valkey.PluginTests;

public sealed class HelloModuleTests : IDisposable
{
    private readonly FakeHost _host = new();
    private readonly FakeCommandContext _ctx = new();

    public HelloModuleTests()
    {
        PluginSource source = new(BuiltPlugins.Sample("HelloModule"), [], IsModule: true);
        new PluginCatalog(_host).Load(source, new ModuleOptionValues());
    }

    [Theory]
    [InlineData("hello.simple", "+Hello", "+Hello")]
    [InlineData("hello.error", "-HELLO this is what an error looks like", "-HELLO this is what an error looks like")]
    [InlineData("hello.integer 42", ":42", ":42")]
    [InlineData("hello.integer many",
        "-ERR value is not an integer or out of range", "-ERR value is not an integer or out of range")]
    [InlineData("hello.bulk", "$5 Hello", "$5 Hello")]
    [InlineData("hello.bulk Ada", "$10 Hello, Ada", "$10 Hello, Ada")]
    [InlineData("hello.array", "*0", "*0")]
    [InlineData("hello.array a bc", "*2 $1 a $2 bc", "*2 $1 a $2 bc")]
    [InlineData("hello.map", "*4 $8 greeting $5 Hello $6 length :5", "%2 $8 greeting $5 Hello $6 length :5")]
    [InlineData("hello.set", "*9 :1 :2 :3 :4 :6 :9 :12 :18 :36", "~9 :1 :2 :3 :4 :6 :9 :12 :18 :36")]
    [InlineData("hello.double", "$4 3.25", ",3.25")]
    [InlineData("hello.bool 2", ":1", "#t")]
    [InlineData("hello.bool 0", ":0", "#f")]
    [InlineData("hello.null", "$-1", "_")]
    [InlineData("hello.bignumber", "$40 1234567890123456789012345678901234567890", "(1234567890123456789012345678901234567890")]
    [InlineData("hello.verbatim", "$28 # Hello\n\nThis is *Markdown*.", "=32 mkd:# Hello\n\nThis is *Markdown*.")]
    [InlineData("hello.nested", "*2 $5 outer *2 $5 inner *3 :1 :2 :3", "*2 $5 outer %1 $5 inner *3 :1 :2 :3")]
    public void Every_command_replies_its_kind_in_both_protocols(string command, string resp2, string resp3)
    {
        string[] arguments = command.Split(' ');

        Assert.Equal(resp2, _ctx.Run(_host.Command(arguments[0]), 2, arguments));
        Assert.Equal(resp3, _ctx.Run(_host.Command(arguments[0]), 3, arguments));
    }

    [Fact]
    public void The_greeting_is_an_option_under_the_modules_name()
    {
        Assert.Null(_host.FindOption("hello.greeting")!.TrySet(["Moin"]));

        Assert.Equal("$9 Moin, Ada", _ctx.Run(_host.Command("hello.bulk"), 3, "hello.bulk", "Ada"));
        Assert.Equal("Moin", _host.Info("hello")["hello_greeting"]);
    }

    [Fact]
    public void The_timer_counts_and_INFO_shows_it()
    {
        _host.FireTimers();
        _host.FireTimers();

        Assert.Equal("2", _host.Info("hello")["hello_ticks"]);
    }

    public void Dispose() => _ctx.Dispose();
}
