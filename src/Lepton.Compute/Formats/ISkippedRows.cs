namespace Lepton.Compute.Formats;

/// <summary>Takes note of rows that were left out. One task calls it at a time.</summary>
internal interface ISkippedRows
{
    void Report(RowError error);
}
