// valkey-check-rdb: looks through an RDB file without a server and says whether it could be loaded, and what is in it.
// Exit codes: 0 the file is sound, 1 it is not, or the arguments are wrong.

using Valkey.CheckRdb;

if (args is ["-v" or "--version", ..])
{
    Console.Out.WriteLine($"valkey-check-rdb {ToolVersion.Text}");
    return 0;
}

if (!CheckOptions.TryParse(args, out CheckOptions options))
{
    Console.Error.WriteLine("Usage: valkey-check-rdb <rdb-file-name> [--format table|info|csv] [--stats] [--output <file>]");
    return 1;
}

using StreamWriter output = new(Console.OpenStandardOutput());
return new FileCheck(options, output).Run();
