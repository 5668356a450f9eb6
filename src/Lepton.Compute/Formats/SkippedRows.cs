namespace Lepton.Compute.Formats;

/// <summary>Counts the rows that were left out, and keeps the first of them.</summary>
internal sealed class SkippedRows(int listedMax) : ISkippedRows
{
    private readonly List<RowError> _listed = [];

    public long Count { get; private set; }

    public IReadOnlyList<RowError> Listed => _listed;

    public void Report(RowError error)
    {
        Count++;
        if (_listed.Count < listedMax)
        {
            _listed.Add(error);
        }
    }
}
