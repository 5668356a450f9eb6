using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Lepton.Torch;
using Lepton.Training.Ranks;

namespace Lepton.Training.Launch;

/// <summary>A rank's process. What it writes is passed on line by line, its rank in front.</summary>
internal sealed class RankProcess : IDisposable
{
    private const int SignalAbort = 6;
    private const int SignalTerminate = 15;
    private const int SignalKill = 9;
    private const int Signals = 128;
    private static readonly TimeSpan s_outputTimeMax = TimeSpan.FromSeconds(5);
    private readonly Process _process;
    private readonly string _errorFile;
    private readonly Task _output;
    private readonly UnhandledException _unhandled = new();
    private bool _isTerminated;
    private bool _isKilled;

    private RankProcess(int rank, Process process, string errorFile, string prefix, Action<string, bool> write)
    {
        Rank = rank;
        _process = process;
        _errorFile = errorFile;
        _output = Task.WhenAll(
            PassOnAsync(process.StandardOutput, line => write(prefix + line, false)),
            PassOnAsync(process.StandardError, line =>
            {
                _unhandled.Read(line);
                write(prefix + line, true);
            }));
    }

    public int Rank { get; }

    public int Id => _process.Id;

    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    public static RankProcess Start(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string> variables, int rank, string errorFile,
        bool hasPrefix, Action<string, bool> write)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The library that the launcher has: the program's own folder need not lie near it.
        if (TorchLibrary.Path is { } library)
        {
            start.Environment.TryAdd(TorchLibrary.PathVariable, library);
        }

        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        string prefix = hasPrefix ? string.Create(CultureInfo.InvariantCulture, $"[{rank}] ") : "";
        return new RankProcess(rank, Process.Start(start)!, errorFile, prefix, write);
    }

    /// <summary>Waits for its end, and for all that it wrote.</summary>
    public async Task<RankEnd> EndAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);

        // A child of its own may hold on to its output.
        bool isRead = await Task.WhenAny(_output, Task.Delay(s_outputTimeMax)).ConfigureAwait(false) == _output;
        RankError? error = _process.ExitCode != 0 && File.Exists(_errorFile)
            ? RankError.Decode(await File.ReadAllBytesAsync(_errorFile).ConfigureAwait(false))
            : null;

        // A child's exception, or one of long ago, is not what a signal ended the rank of. Windows has many codes.
        bool isAborted = _process.ExitCode == Signals + SignalAbort
            || (OperatingSystem.IsWindows() && _process.ExitCode != 0);
        UnhandledException? unhandled = isAborted && error is null && isRead ? _unhandled : null;
        return new RankEnd(
            Rank, _process.ExitCode,
            error is not null ? File.GetLastWriteTimeUtc(_errorFile)
                : unhandled?.Message is not null ? _process.ExitTime.ToUniversalTime() : null,
            error?.Message.Message ?? unhandled?.Message,
            error?.Message.ExtraInfo?.CallStack ?? unhandled?.Stack,
            error?.Message.ExtraInfo?.LostItsPeers is true,
            error?.Message.ExtraInfo?.GaveUpWaiting is true,
            IsByLauncher: _process.ExitCode - Signals is var signal
                && ((signal == SignalKill && Volatile.Read(ref _isKilled))
                    || (signal == SignalTerminate && Volatile.Read(ref _isTerminated))),
            Code: RankExitCodes.Told(error));
    }

    /// <summary>Asks it to save and end.</summary>
    public void Terminate() => Signal(SignalTerminate, ref _isTerminated);

    /// <summary>Ends it at once.</summary>
    public void Kill() => Signal(SignalKill, ref _isKilled);

    public void Dispose() => _process.Dispose();

    /// <summary>
    /// Whether the system says that it is stopped (SIGSTOP, job control, a debugger). Where the system does not tell,
    /// true: one that is silent can't be told from one that is stopped.
    /// </summary>
    public bool IsStopped()
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        try
        {
            // The name, in parentheses, may hold anything; the state is the letter behind it.
            string status = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/stat"));
            return status[status.LastIndexOf(')') + 2] is 'T' or 't';
        }
        catch (IOException)
        {
            // It has ended.
            return false;
        }
    }

    private void Signal(int signal, ref bool isSent)
    {
        if (_process.HasExited)
        {
            return;
        }

        // Before it is sent: another thread sees the process end of it at once.
        Volatile.Write(ref isSent, true);
        if (OperatingSystem.IsWindows())
        {
            _process.Kill();
        }
        else
        {
            _ = NativeMethods.SendSignal(_process.Id, signal);
        }
    }

    private static async Task PassOnAsync(StreamReader reader, Action<string> take)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            take(line);
        }
    }

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "kill")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern int SendSignal(int process, int signal);
    }
}
