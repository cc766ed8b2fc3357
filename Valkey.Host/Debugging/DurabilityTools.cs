// DEBUG about durability: stop a provider from confirming, and shape the output so that boundaries fall into all of its parts.

using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Commands;

namespace Valkey.Host.Debugging;

internal static class DurabilityTools
{
    public static void AddTo(DebugTools tools)
    {
        tools.Add(new DebugTool("REPLY-BLOCKING-PAUSE", 1, 1, Pause,
            "REPLY-BLOCKING-PAUSE <provider>", "    The durability provider confirms nothing until it is resumed."));
        tools.Add(new DebugTool("REPLY-BLOCKING-RESUME", 1, 1, Resume,
            "REPLY-BLOCKING-RESUME <provider>", "    The durability provider goes on confirming."));
        tools.Add(new DebugTool("CLIENT-ENFORCE-REPLY-LIST", 1, 1, EnforceReplyList,
            "CLIENT-ENFORCE-REPLY-LIST <0|1>", "    With 1, replies go into the list of output blocks only, never into the client's first buffer."));
    }

    private static void Pause(HostContext context)
    {
        if (!TryFind(context, out IDurabilityProvider provider)) return;
        provider.Pause();
        context.Reply.Ok();
    }

    private static void Resume(HostContext context)
    {
        if (!TryFind(context, out IDurabilityProvider provider)) return;
        provider.Resume();
        context.Reply.Ok();
    }

    private static void EnforceReplyList(HostContext context)
    {
        OutputBuffer.UsesListOnly = DebugTools.LooseInteger(context.Argument(2)) != 0;
        if (OutputBuffer.UsesListOnly)
        {
            foreach (Client client in context.Server.Clients.All) client.Output.LeaveFirstBuffer();
        }

        context.Reply.Ok();
    }

    private static bool TryFind(HostContext context, out IDurabilityProvider provider)
    {
        string name = Encoding.UTF8.GetString(context.Argument(2));
        provider = context.Server.Durability.Find(name)!;
        if (provider is null) context.Reply.Error($"ERR unknown durability provider '{name}'");
        return provider is not null;
    }
}
