using Lepton.Compute.Replay;

namespace Lepton.Compute.Tests.Replay;

/// <summary>
/// A session with a log in a fresh folder, and what a failing job leaves there. The folder goes with it.
/// </summary>
internal sealed class FailedJob : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-replay-");

    public string LogPath => PathOf("job.jsonl");

    public string BundleFolder => LogPath + ".replay";

    public string Bundle(string name) => Path.Combine(BundleFolder, name + ".bundle");

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public string Mark()
    {
        string marker = PathOf("marker");
        File.WriteAllText(marker, "");
        return marker;
    }

    /// <summary>Runs a job that must fail, and ends its session.</summary>
    public async Task<Exception> FailAsync(
        Func<LeptonSession, Task> job, int workers = 0, LeptonSessionOptions? options = null)
    {
        await using LeptonSession session = await LeptonSession.LocalAsync(
            workers, threads: workers == 0 ? 2 : 1,
            (options ?? new LeptonSessionOptions()) with { EventLogPath = LogPath });
        Exception? error = await Record.ExceptionAsync(() => job(session));
        Assert.NotNull(error);
        return error;
    }

    /// <summary>The only task that was kept.</summary>
    public FailedTask Kept() => Assert.Single(ReplayLog.Open(LogPath).Failed, failed => failed.NotKept is null);

    public ReplayResult Replay() => ReplayRunner.Run(Kept());

    public void Dispose() => _folder.Delete(recursive: true);
}
