namespace Lepton.Compute.Datasets;

/// <summary>How a data set is written.</summary>
public sealed record WriteOptions
{
    /// <summary>
    /// Replaces an output that is there already, with all files in it. Default: that is an error. A directory that
    /// holds files and is no output, by its missing <c>_SUCCESS</c>, is never replaced.
    /// </summary>
    public bool Overwrite { get; init; }

    /// <summary>Has the files on the disk (fsync) before the directory gets its name. Default true.</summary>
    public bool Durable { get; init; } = true;
}
