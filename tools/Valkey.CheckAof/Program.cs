// valkey-check-aof: looks through the append-only file without a server, cuts off a damaged end when told to (--fix), or
// what came after a point in time (--truncate-to-timestamp).
// Exit codes: 0 the files are sound, or are now; 1 they are not, or the arguments are wrong.

using Valkey.CheckAof;

using StreamWriter output = new(Console.OpenStandardOutput());
if (args is ["-v" or "--version"])
{
    output.Write($"valkey-check-aof {Valkey.CheckRdb.ToolVersion.Text}\n");
    return 0;
}

try
{
    if (CheckArguments.TryParse(args, out CheckArguments? arguments))
    {
        new AofCheck(arguments, output, Console.In).Run();
        return 0;
    }

    output.Write("Usage: valkey-check-aof [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>\n");
}
catch (CheckFailedException failure)
{
    output.Write(failure.Message + "\n");
}

return 1;
