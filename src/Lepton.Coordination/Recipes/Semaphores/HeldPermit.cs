using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes.Sessions;

namespace Lepton.Coordination.Recipes;

/// <summary>A permit of a semaphore. Dispose it to give it back. Thread safe.</summary>
public sealed class HeldPermit : IAsyncDisposable
{
    private readonly Tenure _tenure;

    internal HeldPermit(string semaphore, Tenure tenure) => (Semaphore, _tenure) = (semaphore, tenure);

    /// <summary>The semaphore's name.</summary>
    public string Semaphore { get; }

    /// <summary>When the permit was taken. Unlike a lock's, it does not make those of others invalid.</summary>
    public Revision Revision => _tenure.Place.Revision;

    /// <summary>Cancelled when the permit is lost or was given back; see <see cref="HeldLock.Lost"/>.</summary>
    public CancellationToken Lost => _tenure.Lost;

    /// <summary>Whether it is held, by the clock.</summary>
    public bool IsHeld => _tenure.Loss is null;

    /// <summary>Why it is held no more; null while it is.</summary>
    public LeaseLoss? Loss => _tenure.Loss;

    /// <summary>Throws where it is held no more.</summary>
    /// <exception cref="LeaseLostException">It is not.</exception>
    public void ThrowIfLost() => _tenure.ThrowIfLost();

    /// <summary>Gives the permit back. Nothing happens where it is lost already.</summary>
    /// <exception cref="CoordinationException">The servers could not be told; it frees itself, as a lock does
    /// (<see cref="HeldLock.ReleaseAsync"/>).</exception>
    public Task ReleaseAsync(CancellationToken cancellationToken = default) =>
        _tenure.ReleaseAsync(cancellationToken);

    /// <summary>Gives the permit back, without an error where it frees itself later.</summary>
    public ValueTask DisposeAsync() => _tenure.DisposeAsync();
}
