using Valkey.Host.Configuration;
using Xunit;

namespace Valkey.UnitTests.Configuration;

public sealed class ConfigurationFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("valkey-config-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Comments_and_blank_lines_are_skipped_and_lines_counted()
    {
        ServerConfiguration configuration = ServerConfiguration.FromText("# one\n\n  port 1\r\nhz \"2\"\n");

        Assert.Equal(["port", "hz"], configuration.Directives.Select(directive => directive.Name));
        Assert.Equal([3, 4], configuration.Directives.Select(directive => directive.LineNumber));
    }

    [Fact]
    public void Includes_stand_where_they_are_written()
    {
        Write("b.conf", "hz 2\ninclude " + Write("c.conf", "hz 3\n") + "\nhz 4\n");
        string main = Write("a.conf", $"hz 1\ninclude {_folder.FullName}/b.conf\nhz 5\n");

        ServerConfiguration configuration = Load(main);

        Assert.Equal(["1", "2", "3", "4", "5"], configuration.Directives.Select(directive => directive.Arguments[0]));
    }

    [Fact]
    public void Include_expands_wildcards_in_order_and_takes_no_match_for_nothing()
    {
        Write("20.conf", "hz 20\n");
        Write("10.conf", "hz 10\n");
        Write(".hidden.conf", "hz 30\n");
        string main = Write("main.cfg", $"include {_folder.FullName}/*.conf\ninclude {_folder.FullName}/none/*.conf\n");

        Assert.Equal(["10", "20"], Load(main).Directives.Select(directive => directive.Arguments[0]));
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        string main = Write("main.conf", "include /nowhere/at-all.conf\n");

        StartupException failure = Assert.Throws<StartupException>(() => Load(main));

        Assert.Equal("Fatal error, can't open config file '/nowhere/at-all.conf': No such file or directory", failure.Message);
    }

    [Fact]
    public void A_circle_of_includes_ends_with_an_error()
    {
        string main = Path.Combine(_folder.FullName, "main.conf");
        File.WriteAllText(main, $"include {main}\n");

        Assert.Equal("Too many nested includes", Assert.Throws<FatalConfigException>(() => Load(main)).Reason);
    }

    [Fact]
    public void Unbalanced_quotes_are_reported_as_Valkey_does()
    {
        FatalConfigException failure = Assert.Throws<FatalConfigException>(
            () => ServerConfiguration.FromText("port 1\nlogfile \"x\n"));

        Assert.Equal(
            "\n*** FATAL CONFIG FILE ERROR (Version 9.1.0) ***\nReading the configuration file, at line 2\n"
            + ">>> 'logfile \"x'\nUnbalanced quotes in configuration line\n",
            failure.Report());
    }

    [Fact]
    public void Modules_renamed_commands_and_users_are_listed()
    {
        ServerConfiguration configuration = ServerConfiguration.FromText(
            "loadmodule /a.dll x y\nloadmodule /b.dll\nrename-command FLUSHALL \"\"\nuser alice on >secret\n");

        Assert.Equal(["/a.dll x y", "/b.dll"], configuration.Modules.Select(module => string.Join(' ', module.Arguments)));
        Assert.Equal(["FLUSHALL", ""], configuration.RenamedCommands[0].Arguments);
        Assert.Equal("alice", configuration.Users[0].Arguments[0]);
        new OptionRegistry(configuration).VerifyNothingUnknown();
    }

    [Fact]
    public void Sentinel_lines_are_refused() => Assert.Equal(
        "sentinel directive while not in sentinel mode",
        Assert.Throws<FatalConfigException>(() => ServerConfiguration.FromText("sentinel monitor a b")).Reason);

    private static ServerConfiguration Load(string path) => ServerConfiguration.Load(CommandLine.Parse([path]), () => []);

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
