using System.Globalization;
using Valkey.Abstractions;
using Valkey.Host.Configuration;
using Valkey.Host.Logging;
using Xunit;

namespace Valkey.UnitTests.Logging;

public sealed class ServerLogTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("valkey-log-");
    private readonly ServerLog _log = new();
    private readonly HostOptions _options = new();
    private readonly string _path;

    public ServerLogTests()
    {
        _path = Path.Combine(_folder.FullName, "server.log");
        Configure("");
    }

    public void Dispose()
    {
        _log.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(LogLevel.Verbose, "-")]
    [InlineData(LogLevel.Notice, "*")]
    [InlineData(LogLevel.Warning, "#")]
    public void A_line_has_pid_role_time_level_and_message(LogLevel level, string letter)
    {
        _options.LogLevel.Value = 0;
        _options.LogLevel.Applied!();

        _log.Write(level, "Hello {world}");

        Assert.Matches(
            $@"^{Environment.ProcessId}:M \d\d [A-Z][a-z][a-z] \d{{4}} \d\d:\d\d:\d\d\.\d{{3}} \{letter} Hello \{{world}}\n$",
            File.ReadAllText(_path));
    }

    [Theory]
    [InlineData("debug", "0123")]
    [InlineData("notice", "23")]
    [InlineData("warning", "3")]
    [InlineData("nothing", "")]
    public void Only_lines_of_the_level_are_written(string level, string expected)
    {
        Assert.Null(_options.LogLevel.TrySet([level]));
        Assert.Null(_options.LogLevel.Applied!());

        for (int i = 0; i < 4; i++) _log.Write((LogLevel)i, i.ToString(CultureInfo.InvariantCulture));

        string text = File.Exists(_path) ? File.ReadAllText(_path) : "";
        Assert.Equal(expected, string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[^1])));
    }

    [Fact]
    public void A_file_that_was_moved_is_begun_anew()
    {
        _log.Write(LogLevel.Notice, "one");
        File.Move(_path, _path + ".1");

        _log.Write(LogLevel.Notice, "two");

        Assert.EndsWith("one\n", File.ReadAllText(_path + ".1"), StringComparison.Ordinal);
        Assert.EndsWith("two\n", File.ReadAllText(_path), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_of_many_threads_do_not_mix()
    {
        Parallel.For(0, 8, thread =>
        {
            for (int i = 0; i < 50; i++) _log.Write(LogLevel.Notice, new string((char)('a' + thread), 100));
        });

        string[] lines = File.ReadAllLines(_path);
        Assert.Equal(400, lines.Length);
        Assert.All(lines, line => Assert.Single(line[^100..].Distinct()));
    }

    [Fact]
    public void Logfmt_and_json_keep_a_message_in_one_line()
    {
        DateTime time = new(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);
        string logfmt = LogLine.Render(
            LogFormat.Logfmt, LogTimestampFormat.Milliseconds, 7, LogRole.Replica, LogLevel.Warning, time, "a \"b\"\nc");
        string json = LogLine.Render(
            LogFormat.Json, LogTimestampFormat.Milliseconds, 7, LogRole.Primary, LogLevel.Verbose, time, "a \"b\"\nc\u0001");

        Assert.Equal("pid=7 role=replica timestamp=\"1767323045678\" level=warning message=\"a 'b' c\"\n", logfmt);
        Assert.Equal(
            "{\"pid\":7,\"role\":\"primary\",\"timestamp\":\"1767323045678\",\"level\":\"info\",\"message\":\"a \\\"b\\\"\\nc\\u0001\"}\n",
            json);
    }

    [Fact]
    public void Time_stamps_are_local_time()
    {
        DateTime time = new(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);
        DateTimeOffset local = new DateTimeOffset(time).ToLocalTime();

        string legacy = LogLine.Render(LogFormat.Legacy, LogTimestampFormat.Legacy, 7, LogRole.Sentinel, LogLevel.Debug, time, "x");
        string iso = LogLine.Render(LogFormat.Legacy, LogTimestampFormat.Iso8601, 7, LogRole.SavingChild, LogLevel.Debug, time, "x");

        Assert.Equal($"7:X {local.ToString("dd MMM yyyy HH:mm:ss.fff", CultureInfo.InvariantCulture)} . x\n", legacy);
        Assert.Equal($"7:C {local.ToString("yyyy-MM-ddTHH:mm:ss.fffzzz", CultureInfo.InvariantCulture)} . x\n", iso);
    }

    [Fact]
    public void The_logo_names_process_and_port_in_lines_of_their_own_form()
    {
        Assert.Null(_options.AlwaysShowLogo.TrySet(["yes"]));

        new StartupLines(_log).Logo(_options, port: 7001);

        string text = File.ReadAllText(_path);
        Assert.Contains($" PID: {Environment.ProcessId}\n", text, StringComparison.Ordinal);
        Assert.Contains("Port: 7001\n", text, StringComparison.Ordinal);
        Assert.Contains("Running in standalone mode\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_logo_there_is_one_line()
    {
        new StartupLines(_log).Logo(_options, port: 7001);

        Assert.EndsWith("* Running mode=standalone, port=7001.\n", File.ReadAllText(_path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_crash_report_stands_between_its_two_lines_and_comes_once()
    {
        Host.Process.CrashReport report = new(_log, _options) { Context = () => [("CURRENT COMMAND", "get key")] };

        report.Write(new InvalidOperationException("broken"));
        report.Write(new InvalidOperationException("again"));

        string text = File.ReadAllText(_path);
        Assert.Contains("=== VALKEY BUG REPORT START: Cut & paste starting from here ===", text, StringComparison.Ordinal);
        Assert.Contains("broken", text, StringComparison.Ordinal);
        Assert.Contains("------ CURRENT COMMAND ------\nget key\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("again", text, StringComparison.Ordinal);
        Assert.Contains("BUG REPORT END. Make sure to include from START to END. ===", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_of_a_plugin_carry_its_name()
    {
        _log.ForPlugin("sets").Write(LogLevel.Notice, "loaded");

        Assert.EndsWith(" * <sets> loaded\n", File.ReadAllText(_path), StringComparison.Ordinal);
    }

    private void Configure(string text)
    {
        _options.Register(new OptionRegistry(ServerConfiguration.FromText($"logfile {_path}\n{text}")));
        _log.Configure(_options);
    }
}
