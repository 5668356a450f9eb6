using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Lepton.Compute.Tests.Faults;

/// <summary>The fixture Lepton.FaultDriver as a process of its own, in a fresh directory.</summary>
internal sealed class Driver : IAsyncDisposable
{
    private const string SetSid = "/usr/bin/setsid";
    private readonly Process _process;
    private readonly List<int> _workers = [];

    private Driver(Process process, string folder)
    {
        _process = process;
        Folder = folder;
        Output = process.StandardOutput.ReadToEndAsync();
        Error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Where it works and where its tasks sign.</summary>
    public string Folder { get; }

    /// <summary>What it printed, once it has ended.</summary>
    public Task<string> Output { get; }

    /// <summary>What it wrote to its standard error, once it has ended.</summary>
    public Task<string> Error { get; }

    /// <summary>The folder with the fixture's build output.</summary>
    public static string BuildOutput
    {
        get
        {
            string output = Path.GetFullPath(Path.Combine(
                AppContext.BaseDirectory, "..", "..", "Lepton.FaultDriver", Path.GetFileName(
                    Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))));
            if (!File.Exists(Path.Combine(output, "Lepton.FaultDriver.dll")))
            {
                Assert.Skip($"'{output}' is not there. 'dotnet build tests/Fixtures/Lepton.FaultDriver' makes it.");
            }

            return output;
        }
    }

    /// <summary>Starts it as a shell starts a job: as the leader of a process group.</summary>
    public static Driver StartGroup(string mode)
    {
        if (!File.Exists(SetSid))
        {
            Assert.Skip($"'{SetSid}' of util-linux is not there.");
        }

        return Start(mode, launcher: [SetSid]);
    }

    public static Driver Start(
        string mode, string? buildOutput = null, string? folder = null,
        IReadOnlyDictionary<string, string>? environment = null, params string[] launcher)
    {
        buildOutput ??= BuildOutput;
        folder ??= Directory.CreateTempSubdirectory("lepton-driver-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "out"));
        string runtime = RuntimeEnvironment.GetRuntimeDirectory();
        string host = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", "dotnet"));
        string[] command =
        [
            .. launcher, File.Exists(host) ? host : "dotnet", Path.Combine(buildOutput, "Lepton.FaultDriver.dll"), mode,
            folder,
        ];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[ExitCodes.SwitchVariable] = "1";
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        start.Environment["TMPDIR"] = Directory.CreateDirectory(Path.Combine(folder, "tmp")).FullName;
        return new Driver(Process.Start(start)!, folder);
    }

    /// <summary>Waits until two tasks run, one on each of two workers.</summary>
    public async Task TasksRunAsync()
    {
        for (int task = 0; task < 2; task++)
        {
            string path = Path.Combine(Folder, $"task-{task}");
            await Gate.UntilAsync(() => File.Exists(path) || _process.HasExited, $"the driver's task {task} runs");
            _workers.Add(int.Parse(await File.ReadAllTextAsync(path), CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Ends the driver alone with SIGKILL.</summary>
    public void Kill() => Signals.Send(_process.Id, Signals.Kill);

    /// <summary>Sends a signal to the driver's process group, as a terminal does at Ctrl-C.</summary>
    public void SignalGroup(int signal) => Signals.Send(-_process.Id, signal);

    /// <summary>Ends the driver and one of its two workers at once.</summary>
    public void KillWithAWorker()
    {
        _workers.ForEach(worker => Signals.Send(worker, Signals.Stop));
        Kill();
        Signals.Send(_workers[0], Signals.Kill);
        Signals.Send(_workers[1], Signals.Continue);
    }

    /// <summary>Ends the driver and its workers at once, so that nobody can clean up.</summary>
    public void KillAll()
    {
        _workers.ForEach(worker => Signals.Send(worker, Signals.Stop));
        Kill();
        _workers.ForEach(worker => Signals.Send(worker, Signals.Kill));
    }

    /// <summary>Waits until no worker is alive and the driver has ended.</summary>
    public async Task GoneAsync()
    {
        await _process.WaitForExitAsync();
        await Gate.UntilAsync(() => !_workers.Any(Signals.IsAlive), "the workers of the dead driver end");
    }

    /// <summary>What is left of the session's folders, and in the temporary directory.</summary>
    public string[] Left() =>
    [
        .. Directory.GetFileSystemEntries(Path.Combine(Folder, "work")),
        .. Directory.GetFileSystemEntries(Path.Combine(Folder, "out")),
        .. Directory.GetFileSystemEntries(Path.Combine(Folder, "tmp")),
    ];

    /// <summary>Waits for the end and gives exit code and output.</summary>
    public async Task<(int Code, string Output)> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(120));
        return (_process.ExitCode, await Output);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
