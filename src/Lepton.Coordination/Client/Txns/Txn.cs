using System.Collections.Immutable;
using Pb = Lepton.Coordination.Protocol;

namespace Lepton.Coordination.Client;

/// <summary>
/// Steps that are carried out all or none, at one revision: those of the first branch where all conditions hold, those
/// of the other where one does not. Immutable; <see cref="CoordinationClient.CommitAsync"/> carries it out, any number
/// of times.
/// </summary>
/// <example>
/// <code>
/// TxnResult result = await client.CommitAsync(Txn
///     .If(Condition.Absent("owner"))
///     .Then(Operation.Put("owner", "me"))
///     .Else(Operation.Get("owner")));
/// </code>
/// </example>
public sealed class Txn
{
    private readonly ImmutableArray<Condition> _conditions;
    private readonly ImmutableArray<Operation> _then;
    private readonly ImmutableArray<Operation> _else;

    private Txn(
        ImmutableArray<Condition> conditions, ImmutableArray<Operation> then, ImmutableArray<Operation> otherwise) =>
        (_conditions, _then, _else) = (conditions, then, otherwise);

    /// <summary>Whether no branch changes anything.</summary>
    internal bool IsRead => _then.All(step => step.IsRead) && _else.All(step => step.IsRead);

    /// <summary>A transaction with conditions; none always hold.</summary>
    public static Txn If(params ReadOnlySpan<Condition> conditions) => new([.. conditions], [], []);

    /// <summary>A transaction without conditions.</summary>
    public static Txn Do(params ReadOnlySpan<Operation> steps) => new([], [.. steps], []);

    /// <summary>Adds steps for where all conditions hold.</summary>
    public Txn Then(params ReadOnlySpan<Operation> steps) => new(_conditions, [.. _then, .. steps], _else);

    /// <summary>Adds steps for where a condition does not hold.</summary>
    public Txn Else(params ReadOnlySpan<Operation> steps) => new(_conditions, _then, [.. _else, .. steps]);

    internal Pb.TxnRequest ToWire()
    {
        Pb.TxnRequest request = new();
        request.Compare.AddRange(_conditions.Select(condition => condition.ToWire()));
        request.Success.AddRange(_then.Select(step => step.ToWire()));
        request.Failure.AddRange(_else.Select(step => step.ToWire()));
        return request;
    }
}
