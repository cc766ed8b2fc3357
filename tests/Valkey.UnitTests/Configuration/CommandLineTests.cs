using System.Text;
using Valkey.Host.Configuration;
using Xunit;

namespace Valkey.UnitTests.Configuration;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--port 6380", "port|6380")]
    [InlineData("--port 6380 --loglevel verbose", "port|6380;loglevel|verbose")]
    [InlineData("--save 3600 1 300 100", "save|3600|1|300|100")]
    [InlineData("--save --port 1", "save|;port|1")]
    [InlineData("--port 1 --save", "port|1;save|")]
    [InlineData("--shutdown-on-sigint nosave force", "shutdown-on-sigint|nosave|force")]
    [InlineData("--proc-title-template --my--title-- --port 1", "proc-title-template|--my--title--;port|1")]
    [InlineData("--PORT 1", "port|1")]
    public void Options_become_directives(string commandLine, string expected) =>
        Assert.Equal(expected, Describe(Load(commandLine.Split(' '))));

    [Fact]
    public void A_value_with_blanks_stays_one_argument() =>
        Assert.Equal("save|3600 1;requirepass|a \"b\"", Describe(Load(["--save", "3600 1", "--requirepass", "a \"b\""])));

    [Fact]
    public void Name_and_value_may_be_one_word_of_the_shell() =>
        Assert.Equal("port|6380;hz|5", Describe(Load(["--port 6380", "--hz", "5"])));

    [Fact]
    public void The_command_line_comes_after_standard_input()
    {
        ServerConfiguration configuration = Load(["-", "--port", "2"], "port 1\nhz 7\n");

        Assert.Equal("port|1;hz|7;port|2", Describe(configuration));
        Assert.Equal("2", configuration.Root["port"]);
    }

    [Fact]
    public void Lines_of_options_are_counted_below_the_text()
    {
        ServerConfiguration configuration = Load(["-", "--hz", "2"], "port 1\n");

        Assert.Equal([1, 3], configuration.Directives.Select(directive => directive.LineNumber));
        Assert.Equal("hz \"2\"", configuration.Directives[1].LineText);
    }

    [Theory]
    [InlineData("--version", CommandLineAction.ShowVersion)]
    [InlineData("-v", CommandLineAction.ShowVersion)]
    [InlineData("--help", CommandLineAction.ShowHelp)]
    [InlineData("-h", CommandLineAction.ShowHelp)]
    [InlineData("--test-memory 3", CommandLineAction.Refuse)]
    [InlineData("x.conf --sentinel", CommandLineAction.Refuse)]
    public void Special_words_are_no_options(string commandLine, object expected) =>
        Assert.Equal((CommandLineAction)expected, CommandLine.Parse(commandLine.Split(' ')).Action);

    [Fact]
    public void A_file_becomes_absolute() =>
        Assert.Equal(Path.GetFullPath("some.conf"), CommandLine.Parse(["some.conf"]).ConfigFile);

    [Fact]
    public void No_arguments_are_an_empty_command_line() => Assert.True(CommandLine.Parse([]).IsEmpty);

    private static ServerConfiguration Load(string[] arguments, string standardInput = "") =>
        ServerConfiguration.Load(CommandLine.Parse(arguments), () => Encoding.UTF8.GetBytes(standardInput));

    private static string Describe(ServerConfiguration configuration) => string.Join(
        ';', configuration.Directives.Select(directive => string.Join('|', [directive.Name, .. directive.Arguments])));
}
