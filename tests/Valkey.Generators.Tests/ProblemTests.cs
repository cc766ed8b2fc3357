// Every mistake between handlers and facts stops the build with a line that names it.

using Xunit;

namespace Valkey.Generators.Tests;

public sealed class ProblemTests
{
    private const string NoFacts =
        "error VKG001: Command '{0}' has neither a record in commands.json nor an Arity on its attribute";

    private const string Facts = """
        [
          {"name": "get", "group": "string", "since": "1.0.0", "arity": 2, "flags": [], "categories": []},
          {"name": "set", "group": "string", "since": "1.0.0", "arity": -3, "flags": [], "categories": []}
        ]
        """;

    [Fact]
    public void A_command_without_facts_is_an_error_and_the_others_are_still_registered()
    {
        GeneratorRun run = GeneratorRun.Of("""
            using Valkey.Abstractions;
            static partial class StringCommands
            {
                [Command("get")] static void Get(CommandContext ctx) { }
                [Command("gte")] static void Gte(CommandContext ctx) { }
            }
            """, Facts);

        Assert.Equal(["Source.cs(5,6): " + NoFacts.Replace("{0}", "gte", StringComparison.Ordinal)], run.Problems);
        Assert.Contains("Name = \"get\"", run.Text("StringCommands.Register.g.cs"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_without_facts_is_an_error()
    {
        GeneratorRun run = GeneratorRun.Of("""
            using Valkey.Abstractions;
            [CommandContainer("client")]
            static partial class ClientCommands { }
            """, Facts);

        Assert.Equal(["Source.cs(2,2): " + NoFacts.Replace("{0}", "client", StringComparison.Ordinal)], run.Problems);
        Assert.Empty(run.FileNames);
    }

    [Theory]
    [InlineData("[\n  {\"name\": \"get\",}\n]", "(2,18): error VKG002: commands.json: a string is expected, found '}'")]
    [InlineData("{}", "(1,1): error VKG002: commands.json: an array is expected")]
    [InlineData("[\n 7]", "(2,2): error VKG002: commands.json: an object is expected")]
    [InlineData("[{\"name\": \"get\"}]", "(1,2): error VKG002: commands.json: member \"arity\" is missing")]
    [InlineData("[{\"nmae\": \"get\"}]", "(1,11): error VKG002: commands.json: a command has no member \"nmae\"")]
    public void Malformed_facts_are_an_error_with_their_position(string facts, string problem)
    {
        GeneratorRun run = GeneratorRun.Of("""
            using Valkey.Abstractions;
            static partial class StringCommands { [Command("get")] static void Get(CommandContext ctx) { } }
            """, facts);

        Assert.Equal(["commands.json" + problem], run.Problems);
    }

    [Theory]
    [InlineData("\"arity\": 2", "\"arity\": 0", "an arity counts the name and is never 0")]
    [InlineData("\"arity\": 2", "\"arity\": 2.5", "an integer is expected")]
    [InlineData("\"name\": \"get\"", "\"name\": \"GET\"", "a command's name is written in lower case")]
    [InlineData("\"flags\": []", "\"flags\": [\"wriet\"]", "there is no command flag \"wriet\"")]
    [InlineData("\"categories\": []", "\"categories\": [\"sets\"]", "there is no category \"sets\"")]
    [InlineData("\"group\": \"string\"", "\"group\": 1", "a string is expected")]
    [InlineData(
        "\"arity\": 2",
        "\"arity\": 2, \"keySpecs\": [{\"flags\": [], \"begin_search\": {\"indx\": {}}, \"find_keys\": {\"unknown\": 0}}]",
        "keys cannot begin by \"indx\"")]
    [InlineData(
        "\"arity\": 2",
        "\"arity\": 2, \"keySpecs\": [{\"flags\": [], \"begin_search\": {\"unknown\": 0}, \"find_keys\": {}}]",
        "an object of one member is expected")]
    public void A_wrong_fact_is_named(string right, string wrong, string message)
    {
        const string Source = """
            using Valkey.Abstractions;
            static partial class StringCommands { [Command("get")] static void Get(CommandContext ctx) { } }
            """;
        const string RightFacts = """
            [{"name": "get", "group": "string", "since": "1.0.0", "arity": 2, "flags": [], "categories": []}]
            """;
        Assert.Empty(GeneratorRun.Of(Source, RightFacts).Problems);

        string wrongFacts = RightFacts.Replace(right, wrong, StringComparison.Ordinal);
        string problem = Assert.Single(GeneratorRun.Of(Source, wrongFacts).Problems);
        Assert.EndsWith("error VKG002: commands.json: " + message, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_that_is_handled_twice_is_an_error()
    {
        GeneratorRun run = GeneratorRun.Of("""
            using Valkey.Abstractions;
            static partial class One { [Command("get")] static void Get(CommandContext ctx) { } }
            static partial class Two { [Command("get")] static void Get(CommandContext ctx) { } }
            """, Facts);

        Assert.Equal(["Source.cs(3,29): error VKG003: Command 'get' is handled twice"], run.Problems);
    }

    [Fact]
    public void A_command_that_is_described_twice_is_an_error()
    {
        GeneratorRun run = GeneratorRun.Of("""
            using Valkey.Abstractions;
            static partial class One { [Command("get")] static void Get(CommandContext ctx) { } }
            """, Facts, Facts);

        Assert.Equal(
            [
                "more1/commands.json(1,1): error VKG003: Command 'get' is described twice",
                "more1/commands.json(1,1): error VKG003: Command 'set' is described twice",
            ],
            run.Problems);
    }

    [Theory]
    [InlineData("static class C { [Command(\"get\")] static void F(CommandContext c) { } }", "F", "its class is not partial")]
    [InlineData(
        "partial class C { [Command(\"get\")] static void F(CommandContext c) { } }",
        "F",
        "its class is not a plain static class")]
    [InlineData("static partial class C { [Command(\"get\")] static void F<T>(CommandContext c) { } }", "F", "it is generic")]
    [InlineData(
        "static partial class C { static partial class D { [Command(\"get\")] static void F(CommandContext c) { } } }",
        "F",
        "its class is nested in another")]
    [InlineData("[CommandContainer(\"get\")] static class C;", "C", "its class is not partial")]
    public void A_shape_that_cannot_be_registered_is_an_error(string source, string subject, string obstacle)
    {
        GeneratorRun run = GeneratorRun.Of("using Valkey.Abstractions;\n" + source, Facts);

        string problem = Assert.Single(run.Problems);
        Assert.EndsWith($"error VKG004: '{subject}' cannot be registered: {obstacle}", problem, StringComparison.Ordinal);
        Assert.Empty(run.FileNames);
    }

    [Fact]
    public void Facts_on_an_attribute_without_an_arity_are_an_error()
    {
        GeneratorRun run = GeneratorRun.Of("""
            using Valkey.Abstractions;
            static partial class C
            {
                [Command("get", Flags = CommandFlags.Fast, Since = "1")] static void Get(CommandContext ctx) { }
            }
            """, Facts);

        string problem = Assert.Single(run.Problems);
        Assert.StartsWith("Source.cs(4,6): error VKG005: Command 'get' states Flags, Since", problem, StringComparison.Ordinal);
    }
}
