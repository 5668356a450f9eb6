using System.Diagnostics;
using System.Globalization;
using Lepton.Bench.Running;
using Lepton.Coordination.Client;

namespace Lepton.Bench.Coordination;

/// <summary>One member of a cluster: a process, and a client that asks it alone.</summary>
internal sealed class ClusterNode(string name, Uri clientUrl, Command command, string logFile) : IDisposable
{
    private const string TermSignal = "TERM";
    private Process? _process;

    public string Name => name;

    public Uri ClientUrl => clientUrl;

    /// <summary>What the member said.</summary>
    public string LogFile => logFile;

    /// <summary>Asks this member and no other. A short time limit: whoever asks tries again.</summary>
    public CoordinationClient Client { get; } = new(new CoordinationClientOptions
    {
        Endpoints = [clientUrl],
        CallTimeout = TimeSpan.FromSeconds(2),
    });

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>What its process has used of the processors since it started.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process!.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public void Start()
    {
        _process?.Dispose();
        var info = new ProcessStartInfo(command.File);
        foreach (string word in command.Arguments)
        {
            info.ArgumentList.Add(word);
        }

        _process = Process.Start(info)!;
    }

    /// <summary>Ends the process as a power cut would, and returns when it is gone.</summary>
    public void Kill()
    {
        if (IsRunning)
        {
            _process!.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
    }

    /// <summary>Asks the process to end, and waits until it has.</summary>
    public async Task StopAsync()
    {
        string id = _process!.Id.ToString(CultureInfo.InvariantCulture);
        using Process kill = Process.Start("kill", ["-s", TermSignal, id]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
    }

    /// <summary>A field of the kernel's about its memory, such as <c>VmRSS</c>, in bytes.</summary>
    public long MemoryBytes(string field)
    {
        string line = File.ReadLines(FormattableString.Invariant($"/proc/{_process!.Id}/status"))
            .First(line => line.StartsWith(field + ":", StringComparison.Ordinal));
        string number = line[(field.Length + 1)..].Trim().Split(' ')[0];
        return long.Parse(number, CultureInfo.InvariantCulture) << 10;
    }

    /// <summary>How it stands; null where it does not answer.</summary>
    public async Task<EndpointStatus?> StatusAsync()
    {
        try
        {
            return await Client.GetStatusAsync();
        }
        catch (CoordinationException)
        {
            // Not yet there, or gone: both are answers.
            return null;
        }
    }

    public void Dispose()
    {
        Client.Dispose();
        Kill();
        _process?.Dispose();
    }
}
