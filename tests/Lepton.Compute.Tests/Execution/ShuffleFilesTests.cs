using Lepton.Compute.Datasets;

namespace Lepton.Compute.Tests.Execution;

public sealed class ShuffleFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lepton-shuffle-files-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Action_WithShuffles_LeavesNoFilesWhenItIsOver()
    {
        await using LeptonSession session = await StartAsync();

        await session.Range(0, 1000).CountByKey(n => n % 7).OrderBy(entry => entry.Key, partitions: 3).ToListAsync();

        Assert.Empty(ShuffleFiles());
    }

    [Fact]
    public async Task Action_ThatFailsBehindAShuffle_LeavesNoFilesWhenItIsOver()
    {
        await using LeptonSession session = await StartAsync();
        Dataset<long> fails = session.Range(0, 1000).Repartition(4).Select(n => 1000 / (n - 999));

        await Assert.ThrowsAsync<DivideByZeroException>(() => fails.ToListAsync());

        Assert.Empty(ShuffleFiles());
    }

    private Task<LeptonSession> StartAsync() =>
        LeptonSession.LocalAsync(
            threads: 2, options: new LeptonSessionOptions { WorkDirectory = _folder, EventLogPath = "" });

    private IEnumerable<string> ShuffleFiles() =>
        Directory.EnumerateFiles(_folder, "shuffle-*", SearchOption.AllDirectories);
}
