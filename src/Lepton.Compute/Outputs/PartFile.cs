namespace Lepton.Compute.Outputs;

/// <summary>A part of an output that a task wrote, on a disk under its temporary name.</summary>
internal sealed record PartFile(string Name, long Rows)
{
    /// <summary>The store's name for what was sent; null for files, and for an empty object.</summary>
    public string? UploadId { get; init; }

    /// <summary>What the store said of its pieces.</summary>
    public string[] ETags { get; init; } = [];
}
