// Counts error replies by their code (INFO errorstats).

using System.Text;
using Valkey.Host.Clients;

namespace Valkey.Host.Observability;

internal sealed class ErrorCounter(Server server) : IReplyObserver
{
    private const int CodesMax = 128;

    public void OnError(ReadOnlySpan<byte> codeAndText)
    {
        Statistics statistics = server.Statistics;
        statistics.ErrorReplies++;
        if (statistics.ErrorsByCodeDisabled) return;
        int blank = codeAndText.IndexOf((byte)' ');
        string code = Encoding.Latin1.GetString(blank < 0 ? codeAndText : codeAndText[..blank]);
        if (statistics.ErrorsByCode.Count >= CodesMax && !statistics.ErrorsByCode.ContainsKey(code))
        {
            // Somebody makes up codes (a module, a script): counting them one by one would only eat memory.
            statistics.ErrorsByCode.Clear();
            statistics.ErrorsByCode["ERRORSTATS_DISABLED"] = 1;
            statistics.ErrorsByCodeDisabled = true;
            return;
        }

        statistics.ErrorsByCode[code] = statistics.ErrorsByCode.GetValueOrDefault(code) + 1;
    }
}
