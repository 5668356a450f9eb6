namespace Lepton.Compute.Datasets;

/// <summary>How a data set is written.</summary>
public sealed record WriteOptions
{
    /// <summary>Replaces a directory that is there already. Default: that is an error.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Has the files on the disk (fsync) before the directory gets its name. Default true.</summary>
    public bool Durable { get; init; } = true;
}
