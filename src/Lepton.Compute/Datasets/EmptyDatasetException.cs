namespace Lepton.Compute.Datasets;

/// <summary>An action wants a record, and the data set has none.</summary>
public sealed class EmptyDatasetException(string message) : InvalidOperationException(message), IExitCode
{
    /// <inheritdoc/>
    public int ExitCode => ExitCodes.EmptyData;
}
