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
        string how = exitCode > SignalBase
            ? $"killed by {SignalName(exitCode - SignalBase)}"
            : string.Create(CultureInfo.InvariantCulture, $"exit code {exitCode}");
        string text = reason.Length > 0 ? $"{how}: {reason}" : how;
        if (peakBytes > 0)
        {
            text += $"; it had used {ByteText.Of(peakBytes)} at most";
        }

        return reason.Length == 0 && lastWords.Length > 0 ? $"{text}; it said: {lastWords}" : text;
    }

    private static string SignalName(int signal) =>
        signal switch
        {
            2 => "SIGINT",
            4 => "SIGILL",
            6 => "SIGABRT (the runtime ended the process: an unhandled exception, a stack overflow or a native fault)",
            7 => "SIGBUS",
            8 => "SIGFPE",
            9 => "SIGKILL",
            11 => "SIGSEGV (a crash in native code)",
            15 => "SIGTERM",
            _ => string.Create(CultureInfo.InvariantCulture, $"signal {signal}"),
        };
}
