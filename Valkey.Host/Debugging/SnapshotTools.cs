// DEBUG about saving and loading: in one go, from the snapshot file or from the log, and what is damaged on purpose.

using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Host.Keyspace;
using Valkey.Host.Snapshots;

namespace Valkey.Host.Debugging;

internal static class SnapshotTools
{
    public static void AddTo(DebugTools tools)
    {
        tools.Add(new DebugTool("RELOAD", 0, int.MaxValue, Reload,
            "RELOAD [NOSAVE] [NOFLUSH] [MERGE]",
            "    Save the dataset, empty all databases and load the file. NOSAVE loads the file that is there;",
            "    NOFLUSH keeps the keys that are there; MERGE lets keys of the file replace them."));
        tools.Add(new DebugTool("LOADAOF", 0, 0, LoadLog,
            "LOADAOF",
            "    Write out the append-only file, empty all databases and load it."));
        tools.Add(new DebugTool("SET-SKIP-CHECKSUM-VALIDATION", 1, 1, SkipChecksums,
            "SET-SKIP-CHECKSUM-VALIDATION <0|1>", "    With 1, checksums of snapshots and payloads are not compared."));
    }

    /// <summary>Loading does not begin in the middle of loading, whether a client asks for it or a log holds it.</summary>
    private static bool RefusesWhileLoading(HostContext context)
    {
        if (context.Server.IsLoading) context.Reply.Error("ERR the dataset is being loaded");
        return context.Server.IsLoading;
    }

    private static void Reload(HostContext context)
    {
        if (RefusesWhileLoading(context)) return;
        bool saves = true;
        bool empties = true;
        bool merges = false;
        for (int i = 2; i < context.ArgumentCount; i++)
        {
            if (context.ArgumentIs(i, "nosave"u8))
            {
                saves = false;
            }
            else if (context.ArgumentIs(i, "noflush"u8))
            {
                empties = false;
            }
            else if (context.ArgumentIs(i, "merge"u8))
            {
                merges = true;
            }
            else
            {
                context.Reply.Error("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
                return;
            }
        }

        Server server = context.Server;
        if (saves && !server.Snapshots.SaveNow())
        {
            context.Reply.Error("ERR");
            return;
        }

        if (empties) Empty(server);
        if (TryLoad(server, merges)) context.Reply.Ok();
        else context.Reply.Error("ERR Error trying to load the RDB dump, check server logs.");
    }

    private static void LoadLog(HostContext context)
    {
        if (RefusesWhileLoading(context)) return;
        Server server = context.Server;
        if (server.Loading.Loader is not { } loader)
        {
            context.Reply.Error("ERR the append-only file needs the Aof plugin, which is not loaded");
            return;
        }

        bool isPrepared = loader.Prepare();
        if (isPrepared) Empty(server);
        if (!isPrepared || server.Loading.Load(loader) is not (LoadOutcome.Loaded or LoadOutcome.Empty))
        {
            context.Reply.Error("ERR Error trying to load the AOF files, check server logs.");
            return;
        }

        server.Dirty = 0;
        server.Log.Write(LogLevel.Warning, "Append Only File loaded by DEBUG LOADAOF");
        context.Reply.Ok();
    }

    private static void Empty(Server server)
    {
        foreach (Database database in server.Databases)
        {
            server.Watching.TouchAll(database, replacedWith: null);
            server.Keyspace.Empty(database, lazily: false);
        }
    }

    private static bool TryLoad(Server server, bool merges)
    {
        try
        {
            using FileSnapshotSource source = new(server.Options.Snapshots.FileName.Value);
            server.Loading.Load(source, new LoadingOptions { ReplacesDuplicates = merges });
            server.Log.Write(LogLevel.Warning, "DB reloaded by DEBUG RELOAD");
            return true;
        }
        catch (Exception exception) when (exception is SnapshotFormatException or IOException or UnauthorizedAccessException)
        {
            server.Log.Write(LogLevel.Warning, exception.Message);
            return false;
        }
    }

    private static void SkipChecksums(HostContext context)
    {
        if (context.Server.Snapshots.Format is { } format) format.SkipsChecksums = DebugTools.LooseInteger(context.Argument(2)) != 0;
        context.Reply.Ok();
    }
}
