// Levers for tests.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Aof;

internal static class AofDebugTools
{
    private const long SleepMaxUs = 60_000_000;

    public static void Register(IServerControl server, AppendOnlyLog log) => server.AddDebugTool(
        "AOF-FLUSH-SLEEP",
        1,
        ctx =>
        {
            if (!IntegerText.TryParse(ctx.Argument(2), out long sleepUs) || sleepUs is < 0 or > SleepMaxUs)
            {
                ctx.Reply.Error("ERR value is not an integer or out of range"u8);
                return;
            }

            log.Writer.Direct.SleepUs = (uint)sleepUs;
            ctx.Reply.Ok();
        },
        "AOF-FLUSH-SLEEP <microseconds>",
        "    Waits so long before each write to the append-only file.");
}
