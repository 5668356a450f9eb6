using System.Collections.Concurrent;
using Lepton.Compute.Datasets;

namespace Lepton.Compute.Tests.Datasets;

/// <summary>A task whose records are slow to make stops at the next one when its job is cancelled.</summary>
public sealed class CancellationTests : IAsyncLifetime
{
    private const int CancelAt = 3;
    private static readonly ConcurrentDictionary<string, CancellationTokenSource> s_jobs = new(StringComparer.Ordinal);
    private LeptonSession _session = null!;

    public static TheoryData<string> Actions => [.. s_actions.Keys];

    private static readonly Dictionary<string, Func<Dataset<int>, CancellationToken, Task>> s_actions = new()
    {
        ["ToList"] = (rows, cancellation) => rows.ToListAsync(cancellation),
        ["Sum"] = (rows, cancellation) => rows.SumAsync(i => i, cancellation),
        ["Max"] = (rows, cancellation) => rows.MaxAsync(i => i, cancellation),
        ["Repartition"] = (rows, cancellation) => rows.Repartition(2).CountAsync(cancellation),
        ["GroupBy"] = (rows, cancellation) => rows.GroupBy(i => i).CountAsync(cancellation),
        ["OrderBy"] = (rows, cancellation) => rows.OrderBy(i => i).CountAsync(cancellation),
        ["FullJoin"] = (rows, cancellation) =>
            rows.FullJoin(rows, i => i, i => i, (a, b) => a + b).CountAsync(cancellation),
    };

    public async ValueTask InitializeAsync() => _session = await LeptonSession.LocalAsync(
        threads: 1, options: new LeptonSessionOptions { EventLogPath = "" });

    public async ValueTask DisposeAsync() => await _session.DisposeAsync();

    [Theory]
    [MemberData(nameof(Actions))]
    public async Task Cancel_RecordsOfTheDriverAreSlowToMap_StopsAtTheNext(string action)
    {
        string job = $"driver {action}";
        await CancelledAsync(job, action, _session.From(Enumerable.Range(0, 100), 1).SelectPartition((rows, context) =>
            rows.Select(i => Slow(job, i, context))));
    }

    [Theory]
    [MemberData(nameof(Actions))]
    public async Task Cancel_RecordsAreSlowToMake_StopsAtTheNext(string action)
    {
        string job = $"made {action}";
        await CancelledAsync(job, action, _session.From([0], 1).SelectPartition((_, context) =>
            Enumerable.Range(0, 100).Select(i => Slow(job, i, context))));
    }

    private static int Slow(string job, int record, PartitionContext context)
    {
        Calls.Note(job, record);
        if (record == CancelAt)
        {
            s_jobs[job].Cancel();
            Assert.True(
                context.Cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)), "the task was not cancelled");
        }

        return record;
    }

    private async Task CancelledAsync(string job, string action, Dataset<int> rows)
    {
        using var cancel = new CancellationTokenSource();
        s_jobs[job] = cancel;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => s_actions[action](rows, cancel.Token));

        // The one thread takes it up when the cancelled task has ended.
        await _session.Range(0, 1).CountAsync(TestContext.Current.CancellationToken);
        Assert.Equal(CancelAt + 1, Calls.Of(job));
    }
}
