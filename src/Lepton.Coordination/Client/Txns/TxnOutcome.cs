namespace Lepton.Coordination.Client;

/// <summary>What one step of a transaction did. The property of the step's kind has it; the others throw.</summary>
public sealed class TxnOutcome
{
    private readonly object _result;

    internal TxnOutcome(object result) => _result = result;

    /// <summary>What an <see cref="Operation.Get"/> found.</summary>
    /// <exception cref="InvalidOperationException">The step was of another kind.</exception>
    public RangeResult Range => As<RangeResult>();

    /// <summary>What an <see cref="Operation.Put"/> did.</summary>
    /// <exception cref="InvalidOperationException">The step was of another kind.</exception>
    public PutResult Put => As<PutResult>();

    /// <summary>What an <see cref="Operation.Delete"/> did.</summary>
    /// <exception cref="InvalidOperationException">The step was of another kind.</exception>
    public DeleteResult Delete => As<DeleteResult>();

    /// <summary>What an <see cref="Operation.Nested"/> did.</summary>
    /// <exception cref="InvalidOperationException">The step was of another kind.</exception>
    public TxnResult Txn => As<TxnResult>();

    private T As<T>()
        where T : class => _result as T ?? throw new InvalidOperationException(
            $"This step of the transaction gave a {_result.GetType().Name}, not a {typeof(T).Name}: outcomes have " +
            "the order of the steps of the branch that was carried out.");
}
