using Lepton.Compute.Datasets;
using Lepton.Core.Randomness;

namespace Lepton.Compute.Tests.Datasets;

/// <summary>Results depend on the data and the seeds, never on how many threads compute them.</summary>
public sealed class ThreadCountTests
{
    [Fact]
    public async Task Results_AnyNumberOfThreads_AreEqualToTheLastBit()
    {
        var results = new List<string>();
        foreach (int threads in new[] { 1, 2, 3, 8 })
        {
            await using LeptonSession session = await LeptonSession.LocalAsync(
                threads: threads,
                options: new LeptonSessionOptions { EventLogPath = "", Seed = (ulong)threads });
            results.Add(await ComputeAsync(session));
        }

        Assert.Single(results.Distinct());
    }

    private static async Task<string> ComputeAsync(LeptonSession session)
    {
        Dataset<(int Key, double Value)> data = session.Generate(24, partition =>
        {
            var random = new SeededRandom(SeededRandom.DeriveSeed(5, (ulong)partition));
            return Enumerable.Range(0, 200).Select(_ => (random.NextInt32(50), random.NextDouble()));
        });
        double sum = await data.SumAsync(pair => pair.Value);
        List<KeyValuePair<int, double>> byKey = await data
            .ReduceByKey(pair => pair.Key, pair => pair.Value, (a, b) => a + b, partitions: 5).ToListAsync();
        List<(int, double)> sample = await data.Sample(0.05, 3).ToListAsync();
        List<(int, double)> sorted = await data.OrderBy(pair => pair.Key, partitions: 6).TakeAsync(400);
        List<(int, double)> dealt = await data.Repartition(7).SelectPartition(records =>
            records.Take(10)).ToListAsync();
        List<(int, double)> joined = await data.Sample(0.02, 4)
            .Join(data.Sample(0.02, 5).Repartition(2), a => a.Key, b => b.Key, (a, b) =>
                (a.Key, a.Value * b.Value)).ToListAsync();
        List<Group<int, (int, double)>> groups = await data.GroupBy(pair => pair.Key % 9).ToListAsync();
        return string.Join('|', [
            $"{sum:R}", Text(byKey), Text(sample), Text(sorted), Text(dealt), Text(joined),
            .. groups.Select(group => $"{group.Key} {Text(group)}")]);
    }

    private static string Text<T>(IEnumerable<T> items) => string.Join(',', items);
}
