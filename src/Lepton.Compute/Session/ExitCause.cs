using System.Globalization;
using Lepton.Compute.Execution;

namespace Lepton.Compute.Session;

/// <summary>Says in words how a worker process ended.</summary>
internal static class ExitCause
{
    private const int SignalBase = 128;

    /// <summary>
    /// The exit code's meaning, the reason that the session or the worker gave, the peak memory, and its last words.
    /// </summary>
    public static string Describe(int exitCode, string reason, long peakBytes, string lastWords)
    {
        string how = SignalName(exitCode - SignalBase) is { } signal
            ? $"killed by {signal}"
            : string.Create(CultureInfo.InvariantCulture, $"exit code {exitCode}");
        string text = reason.Length > 0 ? $"{how}: {reason}" : how;
        if (peakBytes > 0)
        {
            text += $"; it had used {ByteText.Of(peakBytes)} at most";
        }

        return reason.Length == 0 && lastWords.Length > 0 ? $"{text}; it said: {lastWords}" : text;
    }

    // Null where the system has no such signal: a program may end with any code.
    private static string? SignalName(int signal) =>
        signal switch
        {
            1 => "SIGHUP",
            2 => "SIGINT",
            3 => "SIGQUIT",
            4 => "SIGILL",
            5 => "SIGTRAP",
            6 => "SIGABRT (the runtime ended the process: an unhandled exception, a stack overflow or a native fault)",
            7 => "SIGBUS",
            8 => "SIGFPE",
            9 => "SIGKILL",
            10 => "SIGUSR1",
            11 => "SIGSEGV (a crash in native code)",
            12 => "SIGUSR2",
            13 => "SIGPIPE",
            14 => "SIGALRM",
            15 => "SIGTERM",
            >= 16 and <= 31 => string.Create(CultureInfo.InvariantCulture, $"signal {signal}"),
            _ => null,
        };
}
