using System.Diagnostics;
using System.Text;

namespace Lepton.Cli.Tests;

/// <summary>A built program that ran to its end, with a temporary directory of its own.</summary>
internal sealed class LeptonRun : IDisposable
{
    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(5);
    private readonly TemporaryFolder _temporary;

    private LeptonRun(TemporaryFolder temporary, int exitCode, string output, string error)
    {
        _temporary = temporary;
        ExitCode = exitCode;
        Output = output;
        Error = error;
    }

    public int ExitCode { get; }

    public string Output { get; }

    public string Error { get; }

    /// <summary>Files and folders of the temporary directory that should not be there any more.</summary>
    public string[] LeftBehind =>
    [
        .. Directory.EnumerateFileSystemEntries(_temporary.Path, "*", SearchOption.AllDirectories)
            .Select(path => System.IO.Path.GetRelativePath(_temporary.Path, path))
            .Where(path => !path.StartsWith("lepton-logs-", StringComparison.Ordinal))
            .Where(path => path.Contains("session-", StringComparison.Ordinal)),
    ];

    /// <summary>
    /// Processes that the program started and that outlived it: they have its temporary directory in their
    /// environment.
    /// </summary>
    public int[] Survivors =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(System.IO.Path.GetFileName(path), out int id) ? id : 0)
            .Where(id => id != 0 && EnvironmentOf(id).Contains(_temporary.Path, StringComparison.Ordinal)),
    ];

    /// <summary>Waits until the processes that outlived a program which was killed have noticed and ended.</summary>
    public async Task SurvivorsEndAsync()
    {
        using CancellationTokenSource limit = NewLimit();
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (Survivors is { Length: > 0 } survivors)
        {
            Assert.False(limit.IsCancellationRequested, $"These did not end: {string.Join(", ", survivors)}.");
            await clock.WaitForNextTickAsync();
        }
    }

    /// <summary>Runs <c>lepton</c>.</summary>
    public static Task<LeptonRun> OfAsync(params string[] arguments) => OfAsync("Lepton.Cli", arguments);

    /// <summary>Runs a program that lies beside the tests.</summary>
    public static async Task<LeptonRun> OfAsync(string program, string[] arguments)
    {
        await using StartedLepton started = StartedLepton.Start(program, arguments);
        return await started.EndAsync();
    }

    /// <summary>Makes the record of an ended process.</summary>
    public static LeptonRun Of(TemporaryFolder temporary, int exitCode, string output, string error) =>
        new(temporary, exitCode, output, error);

    /// <summary>The limit that no run should come near.</summary>
    public static CancellationTokenSource NewLimit()
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeMax);
        return limit;
    }

    public void Dispose() => _temporary.Dispose();

    private static string EnvironmentOf(int process)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{process}/environ"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or is somebody else's.
            return "";
        }
    }
}
