// Counts error replies by their code (INFO errorstats).
// Holds always: a bounded number of codes. Scripts and modules may make up as many as they like; what comes when there are
// enough is counted together. ERR itself is never lost among them.

using System.Text;
using Valkey.Host.Clients;

namespace Valkey.Host.Observability;

internal sealed class ErrorCounter(Server server) : IReplyObserver
{
    private const int CodesMax = 128;
    private const string Overflow = "ERRORSTATS_OVERFLOW";

    public void OnError(ReadOnlySpan<byte> codeAndText)
    {
        Statistics statistics = server.Statistics;
        statistics.ErrorReplies++;
        int blank = codeAndText.IndexOf((byte)' ');
        string code = Encoding.Latin1.GetString(blank < 0 ? codeAndText : codeAndText[..blank]);
        bool isKnown = statistics.ErrorsByCode.TryGetValue(code, out long count);
        if (!isKnown && code != "ERR" && statistics.ErrorsByCode.Count >= CodesMax)
        {
            code = Overflow;
            count = statistics.ErrorsByCode.GetValueOrDefault(code);
        }

        statistics.ErrorsByCode[code] = count + 1;
    }
}
