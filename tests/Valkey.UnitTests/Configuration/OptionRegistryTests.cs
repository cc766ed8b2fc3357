using Valkey.Abstractions;
using Valkey.Host.Configuration;
using Xunit;

namespace Valkey.UnitTests.Configuration;

public sealed class OptionRegistryTests
{
    [Fact]
    public void An_option_takes_the_value_that_the_file_held_before_it_was_registered()
    {
        OptionRegistry registry = Create("LIMIT 5\n");
        IntegerOption limit = new("limit", 1);

        registry.Add(limit);

        Assert.Equal(5, limit.Value);
        registry.VerifyNothingUnknown();
    }

    [Fact]
    public void The_last_line_wins_and_an_alias_is_as_good_as_the_name()
    {
        OptionRegistry registry = Create("limit 5\nold-limit 6\n");
        IntegerOption limit = new("limit", 1) { Alias = "old-limit" };

        registry.Add(limit);

        Assert.Equal(6, limit.Value);
        Assert.Same(limit, registry.Find("OLD-Limit"));
    }

    [Fact]
    public void A_wrong_value_is_reported_with_its_line()
    {
        OptionRegistry registry = Create("# x\nlimit abc\n");

        FatalConfigException failure = Assert.Throws<FatalConfigException>(() => registry.Add(new IntegerOption("limit", 1)));

        Assert.Equal(2, failure.Directive!.LineNumber);
        Assert.Equal("argument couldn't be parsed into an integer", failure.Reason);
        Assert.Null(registry.Find("limit"));
    }

    [Fact]
    public void Too_many_arguments_are_refused()
    {
        OptionRegistry registry = Create("limit 1 2\n");

        Assert.Equal(
            "wrong number of arguments",
            Assert.Throws<FatalConfigException>(() => registry.Add(new IntegerOption("limit", 1))).Reason);
    }

    [Fact]
    public void The_first_wrong_line_of_the_file_is_reported_whatever_the_order_of_registration()
    {
        OptionRegistry registry = Create("b x\na x\n");

        FatalConfigException failure = Assert.Throws<FatalConfigException>(
            () => registry.AddAll([new IntegerOption("a", 1), new IntegerOption("b", 1)]));

        Assert.Equal(1, failure.Directive!.LineNumber);
    }

    [Theory]
    [InlineData("nonsense 1", "Bad directive or wrong number of arguments")]
    [InlineData("include a b", "Bad directive or wrong number of arguments")]
    [InlineData("rename-command a", "Bad directive or wrong number of arguments")]
    [InlineData("mod.x 1", "Module Configuration detected without loadmodule directive or no ApplyConfig call: aborting")]
    public void What_nobody_claims_ends_the_start(string line, string reason)
    {
        OptionRegistry registry = Create("\n" + line);

        FatalConfigException failure = Assert.Throws<FatalConfigException>(registry.VerifyNothingUnknown);

        Assert.Equal(reason, failure.Reason);
        Assert.Equal(2, failure.Directive!.LineNumber);
        Assert.Equal(line, failure.Directive.LineText);
    }

    [Fact]
    public void Options_that_no_longer_exist_do_not_stop_an_old_file() =>
        Create("dynamic-hz yes\nio-threads-do-reads no\n").VerifyNothingUnknown();

    [Fact]
    public void Options_of_a_module_carry_its_name_and_leave_with_it()
    {
        OptionRegistry registry = Create("mymodule.mode a b\n");
        StringOption mode = new("mode");

        IDisposable registration = registry.Add(mode, "mymodule", isModule: true);

        Assert.Equal("mymodule.mode", mode.Name);
        Assert.Equal("a b", mode.Value);
        Assert.Equal("mymodule", registry.OwnerOf("mymodule.mode"));
        registration.Dispose();
        Assert.Null(registry.Find("mymodule.mode"));
        Assert.Empty(registry.Options);
    }

    [Fact]
    public void A_name_belongs_to_one_owner_and_the_clash_names_both()
    {
        OptionRegistry registry = Create("");
        registry.Add(new BoolOption("a", true) { Alias = "b" }, "first");

        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(
            () => registry.Add(new BoolOption("B", true), "second"));

        Assert.Contains("first", failure.Message, StringComparison.Ordinal);
        Assert.Contains("second", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_arguments_may_come_as_one_word()
    {
        OptionRegistry registry = Create("shutdown-on-sigint \"nosave now\"\n");
        FlagsOption option = new("shutdown-on-sigint", "default", "save", "nosave", "now");

        registry.Add(option);

        Assert.Equal("nosave now", option.Text);
    }

    private static OptionRegistry Create(string text) => new(ServerConfiguration.FromText(text));
}
