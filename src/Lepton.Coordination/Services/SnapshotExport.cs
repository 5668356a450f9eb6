namespace Lepton.Coordination.Services;

/// <summary>A snapshot that is being read.</summary>
/// <param name="data">Its bytes; disposed with this.</param>
/// <param name="bytes">How many there are, exactly.</param>
/// <param name="revision">The store's revision that it holds.</param>
internal sealed class SnapshotExport(Stream data, long bytes, long revision) : IAsyncDisposable
{
    /// <summary>The bytes, to be read once.</summary>
    public Stream Data => data;

    /// <summary>How many bytes there are.</summary>
    public long Bytes => bytes;

    /// <summary>The store's revision that the snapshot holds.</summary>
    public long Revision => revision;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => data.DisposeAsync();
}
