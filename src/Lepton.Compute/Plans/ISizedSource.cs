namespace Lepton.Compute.Plans;

/// <summary>A source that can tell its size without reading.</summary>
internal interface ISizedSource
{
    /// <summary>Bytes, roughly. Runs on the driver.</summary>
    long EstimateBytes();
}
