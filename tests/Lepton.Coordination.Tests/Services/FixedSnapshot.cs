using Lepton.Coordination.Services;

namespace Lepton.Coordination.Tests.Services;

/// <summary>A snapshot of the same bytes, always.</summary>
internal sealed class FixedSnapshot(byte[] content) : ISnapshotExport
{
    public Task<SnapshotExport> OpenAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new SnapshotExport(new MemoryStream(content), content.Length, revision: 1));
}
