// What ps and top show: the title of proc-title-template, and its first word as the name of the thread.

using System.Globalization;
using System.Text;
using Valkey.Host.Text;

namespace Valkey.Host.Process;

/// <summary>What the variables of the template stand for.</summary>
internal sealed record ProcessTitleValues(
    string Title, string BindAddress, long Port, long TlsPort, string UnixSocket, string ServerMode, string? ConfigFile);

internal static unsafe class ProcessTitle
{
    public const string DefaultTemplate = "{title} {listen-addr} {server-mode}";

    private const int ThreadNameLengthMax = 15;

    private static readonly ProcessTitleValues s_noValues = new("", "", 0, 0, "", "", null);

    /// <summary>A template is valid when its variables are known, its braces match and something is left.</summary>
    public static bool IsValidTemplate(string template) => Expand(template, s_noValues) is { Length: > 0 };

    /// <summary>The title, or null when the template is not valid.</summary>
    public static string? Expand(string template, ProcessTitleValues values)
    {
        StringBuilder title = new();
        for (int i = 0; i < template.Length; i++)
        {
            if (template[i] != '{')
            {
                title.Append(template[i]);
                continue;
            }

            if (i + 1 < template.Length && template[i + 1] == '{')
            {
                title.Append('{'); // a doubled brace is a brace
                i++;
                continue;
            }

            int end = template.IndexOf('}', i + 1);
            string? value = end < 0 ? null : ValueOf(template[(i + 1)..end], values);
            if (value is null) return null;
            title.Append(value);
            i = end;
        }

        return title.ToString().Trim(' ');
    }

    /// <summary>Shows the title. What there is no room for is cut off.</summary>
    public static void Set(string title)
    {
        byte[] bytes = ByteText.ToBytes(title);
        SetThreadName(bytes);
        TitleArea.Write(bytes);
    }

    private static string? ValueOf(string variable, ProcessTitleValues values) => variable switch
    {
        "title" => values.Title,
        "listen-addr" when values.Port == 0 && values.TlsPort == 0 => "unixsocket:" + values.UnixSocket,
        "listen-addr" => string.Create(
            CultureInfo.InvariantCulture,
            $"{(values.BindAddress.Length > 0 ? values.BindAddress : "*")}:{(values.Port != 0 ? values.Port : values.TlsPort)}"),
        "server-mode" => values.ServerMode.Length == 0 ? "" : $"[{values.ServerMode}]",
        "config-file" => values.ConfigFile ?? "-",
        "port" => values.Port.ToString(CultureInfo.InvariantCulture),
        "tls-port" => values.TlsPort.ToString(CultureInfo.InvariantCulture),
        "unixsocket" => values.UnixSocket,
        _ => null,
    };

    private static void SetThreadName(ReadOnlySpan<byte> title)
    {
        // The short name is the program's, without its folder and what follows it.
        int blank = title.IndexOf((byte)' ');
        ReadOnlySpan<byte> program = blank < 0 ? title : title[..blank];
        program = program[(program.LastIndexOf((byte)'/') + 1)..];
        Span<byte> name = stackalloc byte[ThreadNameLengthMax + 1];
        name.Clear();
        program[..Math.Min(program.Length, ThreadNameLengthMax)].CopyTo(name);
        fixed (byte* first = name) _ = Libc.Prctl(Libc.PrctlSetName, (nuint)first, 0, 0, 0);
    }
}
