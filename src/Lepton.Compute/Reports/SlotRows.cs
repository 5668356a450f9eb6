namespace Lepton.Compute.Reports;

/// <summary>
/// Lays the tasks of one worker, which overlap when it has several slots, on as few rows as they need. Tasks come in
/// the order in which they end; each goes to the row that became free last before it began, which needs no more rows
/// than tasks ever ran at once (Faigle and Nawijn, "Note on scheduling intervals on-line", 1995).
/// </summary>
internal sealed class SlotRows(int rowsMax)
{
    // Clocks are read to a microsecond or so: a task that begins a hair before its forerunner's end is not beside it.
    private const double ToleranceMs = 0.005;
    private readonly List<double> _endMs = [];

    public int Count => _endMs.Count;

    /// <summary>The row for a task, from 0. When all rows are taken, tasks share the one that is free first.</summary>
    public int Place(double startMs, double endMs)
    {
        int best = -1;
        int earliest = 0;
        for (int row = 0; row < _endMs.Count; row++)
        {
            if (_endMs[row] <= startMs + ToleranceMs && (best < 0 || _endMs[row] > _endMs[best]))
            {
                best = row;
            }

            if (_endMs[row] < _endMs[earliest])
            {
                earliest = row;
            }
        }

        if (best < 0)
        {
            if (_endMs.Count < rowsMax)
            {
                _endMs.Add(endMs);
                return _endMs.Count - 1;
            }

            best = earliest;
        }

        _endMs[best] = Math.Max(_endMs[best], endMs);
        return best;
    }
}
