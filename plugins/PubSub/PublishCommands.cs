// PUBLISH and SPUBLISH. A message changes no data: it is not counted as a change and never reaches the append-only file.
// Replicas get it by the replication stream once there is one, which only the stream's own sink may see.

using Valkey.Abstractions;

namespace Valkey.PubSub;

internal static partial class PublishCommands
{
    /// <summary>Set by the plugin before the commands are registered.</summary>
    public static Publisher Publisher { get; set; } = null!;

    /// <summary>PUBLISH channel message: replies to how many it was sent.</summary>
    [Command("publish")]
    public static void Publish(CommandContext ctx) => ctx.Reply.Integer(Publisher.Publish(ctx.Argument(1), ctx.Argument(2)));

    /// <summary>SPUBLISH shardchannel message: replies to how many it was sent.</summary>
    [Command("spublish")]
    public static void SPublish(CommandContext ctx) => ctx.Reply.Integer(Publisher.PublishToShard(ctx.Argument(1), ctx.Argument(2)));
}
