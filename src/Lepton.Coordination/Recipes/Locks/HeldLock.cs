using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes.Sessions;

namespace Lepton.Coordination.Recipes;

/// <summary>A lock that is held. Dispose it to release it. Thread safe.</summary>
/// <example>
/// <code>
/// await using HeldLock held = await new DistributedLock(client, "reports").AcquireAsync(cancellation);
/// await store.WriteAsync(report, fencingToken: held.FencingToken.Value, held.Lost);
/// </code>
/// </example>
public sealed class HeldLock : IAsyncDisposable
{
    private readonly Tenure _tenure;

    internal HeldLock(string name, Tenure tenure) => (Name, _tenure) = (name, tenure);

    /// <summary>The lock's name.</summary>
    public string Name { get; }

    /// <summary>The key in the store that is there for as long as the lock is held.</summary>
    public Bytes Key => _tenure.Place.Key;

    /// <summary>
    /// Larger than that of every holder before. Send it along with whatever the lock protects, and have the resource
    /// refuse a smaller one than it has seen: so a holder that was paused can do no harm when it goes on.
    /// </summary>
    public Revision FencingToken => _tenure.Place.Revision;

    /// <summary>
    /// Cancelled when the lock is lost: at the end of the lease by this process's clock, without any answer, or earlier
    /// where the servers say so. Also cancelled by the release. Stop what the lock protects.
    /// </summary>
    public CancellationToken Lost => _tenure.Lost;

    /// <summary>Whether it is held, by the clock; right also where the process was paused and has just gone
    /// on.</summary>
    public bool IsHeld => _tenure.Loss is null;

    /// <summary>Why it is held no more; null while it is.</summary>
    public LeaseLoss? Loss => _tenure.Loss;

    /// <summary>Throws where it is held no more.</summary>
    /// <exception cref="LeaseLostException">It is not.</exception>
    public void ThrowIfLost() => _tenure.ThrowIfLost();

    /// <summary>Releases the lock. Nothing happens where it is lost already.</summary>
    /// <exception cref="CoordinationException">The servers could not be told. The lock frees itself: at the latest when
    /// the lease's time is over, or, on a session of the caller's, when the servers can be told.</exception>
    public Task ReleaseAsync(CancellationToken cancellationToken = default) =>
        _tenure.ReleaseAsync(cancellationToken);

    /// <summary>Releases the lock, as <see cref="ReleaseAsync"/> does, without an error where it frees itself
    /// later.</summary>
    public ValueTask DisposeAsync() => _tenure.DisposeAsync();
}
