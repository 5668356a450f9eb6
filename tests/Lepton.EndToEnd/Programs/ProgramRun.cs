using System.Diagnostics;
using System.Globalization;

namespace Lepton.EndToEnd.Programs;

/// <summary>A program that ran to its end in a temporary folder of its own.</summary>
internal sealed class ProgramRun : IDisposable
{
    private static readonly TimeSpan s_timeMax = TimeSpan.FromMinutes(5);
    private readonly DirectoryInfo _temporary;

    private ProgramRun(DirectoryInfo temporary, int exitCode, string output, string error)
    {
        _temporary = temporary;
        ExitCode = exitCode;
        Output = output;
        Error = error;
    }

    public int ExitCode { get; }

    public string Output { get; }

    public string Error { get; }

    /// <summary>What a sample answers: its output, but for the last line, which says how long it took.</summary>
    public string[] Answer => Lines[..^1];

    /// <summary>Where the last line says that the event log is.</summary>
    public string EventLog => Lines[^1].Split("Event log: ")[1];

    /// <summary>What the program left in its temporary folder, but for event logs, which are there to stay.</summary>
    public IReadOnlyList<string> LeftBehind =>
    [
        .. _temporary.EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Select(entry => Path.GetRelativePath(_temporary.FullName, entry.FullName))
            .Where(path => !path.StartsWith("lepton-logs-", StringComparison.Ordinal))
            .Where(path => path != $"lepton-{Environment.UserName}"),
    ];

    private string[] Lines => Output.TrimEnd('\n').Split('\n');

    /// <summary>Runs a built program of this repository, and expects success.</summary>
    public static async Task<ProgramRun> OfAsync(string project, params string[] arguments)
    {
        ProgramRun run = await StartAsync("dotnet", Repository.Root, [Repository.Built(project), .. arguments]);
        Assert.True(
            run.ExitCode == 0,
            string.Create(
                CultureInfo.InvariantCulture, $"{project} ended with {run.ExitCode}: {run.Error}{run.Output}"));
        return run;
    }

    /// <summary>Runs any command.</summary>
    public static async Task<ProgramRun> StartAsync(string command, string folder, params string[] arguments)
    {
        DirectoryInfo temporary = Directory.CreateTempSubdirectory("lepton-run-");
        var start = new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TMPDIR"] = temporary.FullName;
        using Process process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(s_timeMax);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new ProgramRun(temporary, process.ExitCode, await output, await error);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            temporary.Delete(recursive: true);
            throw;
        }
    }

    public void Dispose() => _temporary.Delete(recursive: true);
}
