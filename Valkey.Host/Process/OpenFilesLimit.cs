// Every client is a file descriptor, so maxclients wants a limit of open files: it is raised where the system lets us, and
// maxclients lowered to what remains where it does not.

using System.Globalization;
using System.Runtime.InteropServices;
using Valkey.Abstractions;
using Valkey.Host.Configuration;

namespace Valkey.Host.Process;

internal static unsafe class OpenFilesLimit
{
    /// <summary>Descriptors for everything that is not a client: listeners, files, the log, pipes.</summary>
    public const int ReservedCount = 32;

    private const ulong LimitWhenUnknown = 1024;
    private const ulong Step = 16;

    /// <summary>Makes limit and maxclients fit each other.</summary>
    /// <exception cref="StartupException">Not even the reserved descriptors are there.</exception>
    public static void Adjust(HostOptions options, ILog log)
    {
        ulong wanted = (ulong)options.MaxClients.Value + ReservedCount;
        Libc.ResourceLimit limit;
        if (Libc.GetResourceLimit(Libc.ResourceNoFile, &limit) != 0)
        {
            log.Write(
                LogLevel.Warning,
                $"Unable to obtain the current NOFILE limit ({Libc.LastErrorText()}), assuming 1024 and setting the max clients "
                + "configuration accordingly.");
            options.MaxClients.Value = (long)LimitWhenUnknown - ReservedCount;
            return;
        }

        ulong old = limit.Current;
        if (old >= wanted) return;

        int error = 0;
        ulong best = Raise(wanted, old, ref error);
        if (best >= wanted)
        {
            log.Write(LogLevel.Notice, string.Create(
                CultureInfo.InvariantCulture,
                $"Increased maximum number of open files to {wanted} (it was originally set to {old})."));
            return;
        }

        LowerMaxClients(options, log, old, best, wanted, error);
    }

    private static ulong Raise(ulong wanted, ulong old, ref int error)
    {
        for (ulong attempt = wanted; attempt > old; attempt -= Math.Min(attempt, Step))
        {
            Libc.ResourceLimit limit = new() { Current = attempt, Maximum = attempt };
            if (Libc.SetResourceLimit(Libc.ResourceNoFile, &limit) == 0) return attempt;
            error = Marshal.GetLastPInvokeError();
        }

        return old;
    }

    private static void LowerMaxClients(HostOptions options, ILog log, ulong old, ulong best, ulong wanted, int error)
    {
        if (best <= ReservedCount)
        {
            throw new StartupException(string.Create(
                CultureInfo.InvariantCulture,
                $"Your current 'ulimit -n' of {old} is not enough for the server to start. Please increase your open file limit to at least {wanted}. Exiting."));
        }

        long requested = options.MaxClients.Value;
        options.MaxClients.Value = (long)best - ReservedCount;
        log.Write(LogLevel.Warning, string.Create(
            CultureInfo.InvariantCulture,
            $"You requested maxclients of {requested} requiring at least {wanted} max file descriptors."));
        log.Write(LogLevel.Warning, string.Create(
            CultureInfo.InvariantCulture,
            $"Server can't set maximum open files to {wanted} because of OS error: {Marshal.GetPInvokeErrorMessage(error)}."));
        log.Write(LogLevel.Warning, string.Create(
            CultureInfo.InvariantCulture,
            $"Current maximum open files is {best}. maxclients has been reduced to {options.MaxClients.Value} to compensate for low ulimit. If you need higher maxclients increase 'ulimit -n'."));
    }

    /// <summary>CONFIG SET maxclients: null, or the number that would be possible.</summary>
    public static string? TryAdjust(HostOptions options, ILog log)
    {
        long requested = options.MaxClients.Value;
        Adjust(options, log);
        return options.MaxClients.Value == requested
            ? null
            : $"The operating system is not able to handle the specified number of clients, try with {options.MaxClients.Value}";
    }
}
