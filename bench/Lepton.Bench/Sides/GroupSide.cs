using System.Diagnostics;
using Lepton.Bench.Data;
using Lepton.Compute;
using Lepton.Compute.Datasets;

namespace Lepton.Bench.Sides;

/// <summary>
/// Sums the values of rows by key. The rows are made on the workers, in the time that counts; of the groups only their
/// number, their total and a sum over keys and values come to the driver.
/// </summary>
internal static class GroupSide
{
    private const int ValueShift = 40;

    public static async Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly(["rows", "keys", "partitions", .. BenchSession.Options]);
        long rows = arguments.Number("rows");
        long keys = arguments.Number("keys");
        int partitions = (int)arguments.Number("partitions");
        await using LeptonSession session = await BenchSession.StartAsync(arguments);
        long started = Stopwatch.GetTimestamp();
        GroupTotals totals = await session
            .Generate(partitions, part => Rows(rows * part / partitions, rows * (part + 1) / partitions, keys))
            .ReduceByKey(row => row.Key, row => row.Value, (first, second) => first + second)
            .AggregateAsync(
                () => default(GroupTotals),
                (state, group) => state.With(group.Key, group.Value),
                (first, second) => first.With(second));
        TimeSpan time = Stopwatch.GetElapsedTime(started);
        SideReport.OfTime(
            time,
            FormattableString.Invariant($"{totals.Groups} groups, total {totals.Total}, hash {totals.Hash:x16}"),
            BenchSession.Note(session)).Print();
    }

    private static IEnumerable<KeyValuePair<long, long>> Rows(long start, long end, long keys)
    {
        for (long i = start; i < end; i++)
        {
            ulong random = SplitMix.Of((ulong)i);
            yield return new KeyValuePair<long, long>((long)(random % (ulong)keys), (long)(random >> ValueShift));
        }
    }

    private readonly record struct GroupTotals(long Groups, long Total, ulong Hash)
    {
        public GroupTotals With(long key, long value) =>
            new(Groups + 1, Total + value, unchecked(Hash + ((ulong)key * (ulong)value)));

        public GroupTotals With(GroupTotals other) =>
            new(Groups + other.Groups, Total + other.Total, unchecked(Hash + other.Hash));
    }
}
