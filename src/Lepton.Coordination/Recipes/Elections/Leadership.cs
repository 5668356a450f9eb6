using Lepton.Coordination.Client;
using Lepton.Coordination.Client.Failures;
using Lepton.Coordination.Recipes.Sessions;

namespace Lepton.Coordination.Recipes;

/// <summary>A leadership that was won. Dispose it to resign. Thread safe.</summary>
public sealed class Leadership : IAsyncDisposable
{
    private readonly Tenure _tenure;

    internal Leadership(string election, Tenure tenure) => (Election, _tenure) = (election, tenure);

    /// <summary>The election's name.</summary>
    public string Election { get; }

    /// <summary>Larger than that of every leader before; see <see cref="HeldLock.FencingToken"/>.</summary>
    public Revision FencingToken => _tenure.Place.Revision;

    /// <summary>Cancelled when the leadership is lost or was given up; see <see cref="HeldLock.Lost"/>.</summary>
    public CancellationToken Lost => _tenure.Lost;

    /// <summary>Whether this process leads, by the clock.</summary>
    public bool IsLeading => _tenure.Loss is null;

    /// <summary>Why it leads no more; null while it does.</summary>
    public LeaseLoss? Loss => _tenure.Loss;

    /// <summary>Throws where it leads no more.</summary>
    /// <exception cref="LeaseLostException">It does not.</exception>
    public void ThrowIfLost() => _tenure.ThrowIfLost();

    /// <summary>Changes what observers get to see, without a new election.</summary>
    /// <exception cref="LeaseLostException">This process leads no more; nothing was changed.</exception>
    /// <exception cref="CoordinationException">It failed, or its outcome is not known; it can be repeated.</exception>
    public async Task ProclaimAsync(Bytes value, CancellationToken cancellationToken = default)
    {
        ThrowIfLost();
        (Bytes key, Revision revision) = (_tenure.Place.Key, _tenure.Place.Revision);
        TxnResult result = await _tenure.Session.Client.RunTxnAsync(
            Txn.If(Condition.CreateRevision(key, Comparison.Equal, revision))
                .Then(Operation.Put(key, value, new PutOptions { Lease = _tenure.Session.Lease })),
            CallKind.RepeatableWrite, $"the proclamation in '{Election}'", null, cancellationToken)
            .ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw new LeaseLostException(_tenure.Loss ?? LeaseLoss.KeyDeleted, $"The leadership of '{Election}'");
        }
    }

    /// <summary>Gives the leadership up. Nothing happens where it is lost already.</summary>
    /// <exception cref="CoordinationException">The servers could not be told; it ends by itself, as a lock does
    /// (<see cref="HeldLock.ReleaseAsync"/>).</exception>
    public Task ResignAsync(CancellationToken cancellationToken = default) => _tenure.ReleaseAsync(cancellationToken);

    /// <summary>Resigns, without an error where the leadership ends by itself later.</summary>
    public ValueTask DisposeAsync() => _tenure.DisposeAsync();
}
