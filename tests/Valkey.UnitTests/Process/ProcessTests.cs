using System.Net.Sockets;
using System.Text;
using Valkey.Host.Configuration;
using Valkey.Host.Process;
using Xunit;

namespace Valkey.UnitTests.Process;

public sealed class ProcessTests
{
    private static readonly ProcessTitleValues s_values = new(
        "/usr/bin/valkey-server", "127.0.0.1", 6379, 0, "", "", "/etc/valkey.conf");

    [Theory]
    [InlineData("{title} {listen-addr} {server-mode}", "/usr/bin/valkey-server 127.0.0.1:6379")]
    [InlineData("x {port} {tls-port} {config-file}", "x 6379 0 /etc/valkey.conf")]
    [InlineData("{{a} {port}", "{a} 6379")]
    [InlineData("{unknown}", null)]
    [InlineData("{port", null)]
    public void A_title_is_made_from_its_template(string template, string? expected) =>
        Assert.Equal(expected, ProcessTitle.Expand(template, s_values));

    [Fact]
    public void Without_a_port_the_title_names_the_socket() => Assert.Equal(
        "unixsocket:/tmp/s [cluster]",
        ProcessTitle.Expand("{listen-addr} {server-mode}", s_values with { Port = 0, UnixSocket = "/tmp/s", ServerMode = "cluster" }));

    [Theory]
    [InlineData("0", 0b1)]
    [InlineData("0-3", 0b1111)]
    [InlineData("0,2", 0b101)]
    [InlineData("0-7:2,1", 0b01010111)]
    [InlineData("1-3, 5", 0b101110)]
    public void A_list_of_CPUs_becomes_a_mask(string list, byte expected)
    {
        byte[] mask = new byte[128];

        Assert.True(CpuAffinity.TryParse(list, mask));

        Assert.Equal(expected, mask[0]);
        Assert.All(mask[1..], part => Assert.Equal(0, part));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("3-1")]
    [InlineData("1-")]
    [InlineData("0-7:0")]
    [InlineData("99999")]
    [InlineData("1,,2")]
    public void A_malformed_list_of_CPUs_is_refused(string list) => Assert.False(CpuAffinity.TryParse(list, new byte[128]));

    [Fact]
    public void The_process_executes_itself_again_with_what_the_runtime_needs()
    {
        Dictionary<string, string> environment = new() { ["HOME"] = "/root" };

        Assert.True(SelfExec.Plan(environment, [], () => "/lib/libjemalloc.so.2"));

        Assert.Equal("0", environment["DOTNET_EnableWriteXorExecute"]);
        Assert.Equal("0", environment["DOTNET_gcConcurrent"]);
        Assert.Equal("/lib/libjemalloc.so.2", environment["LD_PRELOAD"]);
        Assert.False(SelfExec.Plan(environment, [], () => "/lib/libjemalloc.so.2"), "it would execute itself for ever");
    }

    [Theory]
    [InlineData("--allocator", "libc")]
    [InlineData("--allocator libc", "")]
    public void The_other_allocator_can_be_chosen(string first, string second)
    {
        Dictionary<string, string> environment = new()
        {
            ["DOTNET_EnableWriteXorExecute"] = "0",
            ["DOTNET_gcConcurrent"] = "0",
        };

        Assert.False(SelfExec.Plan(environment, [first, second], () => "/lib/libjemalloc.so.2"));
        environment["MALLOC"] = "libc";
        Assert.False(SelfExec.Plan(environment, [], () => "/lib/libjemalloc.so.2"));
    }

    [Theory]
    [InlineData(0, 200, 5, 5)]
    [InlineData(1, 200, 5, 205)]
    [InlineData(2, 2000, 5, 1000)]
    [InlineData(3, 200, 5, 200)]
    [InlineData(3, -2000, 5, -1000)]
    public void The_score_is_relative_or_absolute_and_stays_in_range(int mode, int value, int atStart, int expected) =>
        Assert.Equal(expected, OomScore.ScoreFor(mode, value, atStart));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Systemd_is_told_the_state(bool isAbstract)
    {
        string name = Path.Combine(Path.GetTempPath(), "valkey-notify-" + Guid.NewGuid().ToString("N"));
        using Socket systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(isAbstract ? "\0" + name : name));
        systemd.ReceiveTimeout = 5000;
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", isAbstract ? "@" + name : name);
        try
        {
            Supervision supervision = new(SupervisionMode.Auto, new TestLog());
            supervision.Ready();
            supervision.Stopping();

            Assert.Equal(SupervisionMode.Systemd, supervision.Mode);
            Assert.Equal("STATUS=Valkey is loading...\n", Receive(systemd));
            Assert.Equal("STATUS=Ready to accept connections\nREADY=1\n", Receive(systemd));
            Assert.Equal("STOPPING=1\n", Receive(systemd));
        }
        finally
        {
            Environment.SetEnvironmentVariable("NOTIFY_SOCKET", null);
            File.Delete(name);
        }
    }

    [Fact]
    public void Nobody_supervises_where_nobody_is()
    {
        TestLog log = new();

        Assert.False(new Supervision(SupervisionMode.Auto, log).IsActive);
        Assert.False(new Supervision(SupervisionMode.Systemd, log).IsActive);

        Assert.Equal(["systemd supervision error: NOTIFY_SOCKET not found!"], log.Lines);
    }

    [Fact]
    public void A_pid_file_comes_and_goes()
    {
        string path = Path.Combine(Path.GetTempPath(), "valkey-pid-" + Guid.NewGuid().ToString("N"));

        PidFile.Write(path, new TestLog());
        string text = File.ReadAllText(path);
        PidFile.Remove(path);

        Assert.Equal(Environment.ProcessId + "\n", text);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void Ignored_warnings_are_named()
    {
        HostOptions options = new();
        Assert.Null(options.IgnoreWarnings.TrySet(["THP overcommit"]));

        Assert.True(SystemChecks.IsIgnored(options, "thp"));
        Assert.False(SystemChecks.IsIgnored(options, "other"));
    }

    private static string Receive(Socket socket)
    {
        byte[] buffer = new byte[256];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }
}
