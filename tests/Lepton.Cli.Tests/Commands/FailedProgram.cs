namespace Lepton.Cli.Tests.Commands;

/// <summary>A user's program that failed at a record of its task 0/1, and the log that it left.</summary>
public sealed class FailedProgram : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public string Log => _folder.File("job.jsonl");

    /// <summary>Where it writes.</summary>
    public string Outputs => _folder.File("out");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Outputs);
        _folder.Write("bad");
        using LeptonRun run = await LeptonRun.OfAsync("Lepton.FaultDriver", ["refuse-record", _folder.Path]);
        Assert.Contains("record 7 is bad", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Survivors);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>What a run gives while the record is not bad.</summary>
    internal async Task<LeptonRun> MendedAsync(Func<Task<LeptonRun>> run)
    {
        File.Delete(_folder.File("bad"));
        try
        {
            return await run();
        }
        finally
        {
            _folder.Write("bad");
        }
    }
}
