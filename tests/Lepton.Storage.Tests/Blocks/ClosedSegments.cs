using Lepton.Storage.Blocks;

namespace Lepton.Storage.Tests.Blocks;

internal static class ClosedSegments
{
    /// <summary>Has what comes next go into another segment.</summary>
    public static Task RollAsync(this BlockStore store, CancellationToken cancellationToken) =>
        store.CloseAsync(store.Segments()[^1], cancellationToken);
}
