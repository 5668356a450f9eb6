using Lepton.Compute.Datasets;

namespace Lepton.Compute.Tests.Datasets;

internal static class DatasetExtensions
{
    /// <summary>Items in 1 to 8 partitions.</summary>
    public static Dataset<T> In<T>(this LeptonSession session, IEnumerable<T> items, int partitions) =>
        session.From(items, 1 + (Math.Abs(partitions % 8)));

    /// <summary>All records, for properties, which are synchronous.</summary>
    public static List<T> Collect<T>(this Dataset<T> source) => Wait(source.ToListAsync());

    public static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    /// <summary>The same items, as often, in any order.</summary>
    public static bool SameBag<T>(this IEnumerable<T> first, IEnumerable<T> second)
        where T : notnull
    {
        var counts = new Dictionary<T, int>();
        foreach (T item in first)
        {
            counts[item] = counts.GetValueOrDefault(item) + 1;
        }

        foreach (T item in second)
        {
            counts[item] = counts.GetValueOrDefault(item) - 1;
        }

        return counts.Values.All(count => count == 0);
    }
}
