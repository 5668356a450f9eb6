using Lepton.Coordination.Store;

namespace Lepton.Coordination.Watch;

/// <summary>What a watcher wants to see.</summary>
/// <param name="Range">Of which keys.</param>
/// <param name="StartRevision">From which revision on; 0 or less for what comes from now on.</param>
internal sealed record WatchOptions(KeyRange Range, long StartRevision = 0)
{
    /// <summary>Whether puts are left out.</summary>
    public bool NoPut { get; init; }

    /// <summary>Whether deletes are left out.</summary>
    public bool NoDelete { get; init; }

    /// <summary>Whether a change is wanted.</summary>
    public bool Admits(in KeyChange change) => change.Version.IsTombstone ? !NoDelete : !NoPut;
}
