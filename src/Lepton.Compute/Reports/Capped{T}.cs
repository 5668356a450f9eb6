namespace Lepton.Compute.Reports;

/// <summary>
/// The first of many things, and how many there were: a report shows some and never hides that there are more.
/// </summary>
/// <param name="Items">Those that are shown.</param>
/// <param name="Total">All that there were.</param>
internal sealed record Capped<T>(IReadOnlyList<T> Items, long Total)
{
    public long Hidden => Total - Items.Count;
}
