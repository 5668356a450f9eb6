using System.Collections;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Lepton.Coordination.Tests.Servers;

/// <summary>One member: a process and its data.</summary>
[SuppressMessage("Design", "CA1001", Justification = "KillAsync ends and frees the process.")]
public sealed class MemberProcess
{
    private const int LogLinesKept = 30;
    private readonly ProcessStartInfo _start;
    private readonly Queue<string> _log = new();
    private readonly ServerProgram _program;
    private Process? _process;

    internal MemberProcess(ServerProgram program, MemberSettings settings)
    {
        Settings = settings;
        _program = program;
        string[] words = [.. settings.Launcher, program.File, .. program.Arguments, .. settings.Flags];
        _start = new ProcessStartInfo(words[0], words[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // etcd reads flags from its environment too, where the machine may have some for its own.
        foreach (string variable in Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(entry => (string)entry.Key).Where(name => name.StartsWith("ETCD_", StringComparison.Ordinal)))
        {
            _start.Environment.Remove(variable);
        }
    }

    public MemberSettings Settings { get; }

    public Uri Endpoint => Settings.Client;

    public string Name => Settings.Name;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>The memory of the running process that is in RAM.</summary>
    public long ResidentBytes
    {
        get
        {
            _process!.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Completes when the process has ended.</summary>
    public Task Ended => _process!.WaitForExitAsync();

    public void Start()
    {
        _process = new Process { StartInfo = _start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Ends it as a power cut would (SIGKILL).</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>Stops it in the midst of whatever it does (SIGSTOP).</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>Lets it go on (SIGCONT).</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    private async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start(
            "kill", ["-" + signal, _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    private void Keep(string? line)
    {
        lock (_log)
        {
            if (line is not null)
            {
                _log.Enqueue(line);
            }

            while (_log.Count > LogLinesKept)
            {
                _log.Dequeue();
            }
        }
    }

    private string Log()
    {
        lock (_log)
        {
            return string.Join('\n', _log);
        }
    }

    /// <summary>A member ended instead of serving.</summary>
    internal sealed class EndedException(MemberProcess member)
        : Exception($"{member._program.Name} '{member.Name}' ended instead of serving. Its last " +
            $"words:\n{member.Log()}");
}
