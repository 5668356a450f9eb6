using Lepton.Core.Records;

namespace Lepton.Compute.Plans;

/// <summary>
/// A node whose partitions need data of their own (a slice of a collection, a byte range of a file), sent with each
/// task rather than with the stage.
/// </summary>
internal interface ISplitSource
{
    /// <summary>Identifies the source within a session; set when the node is made.</summary>
    int SourceId { get; }

    /// <summary>Writes what the task of <paramref name="partition"/> needs. Runs on the driver.</summary>
    void WriteSplit(RecordWriter writer, int partition);
}
