using Lepton.Simulation.Checking;
using Lepton.Simulation.World;

namespace Lepton.Simulation.Objects;

/// <summary>What clients asked for and were told, key by key: each key is a register.</summary>
internal sealed class ObjectHistory(MetadataServer metadata)
{
    private readonly List<(string Key, Operation<RegisterInput, RegisterOutput> Operation)> _operations = [];
    private readonly HashSet<(string Key, string ETag)> _written = [];
    private long _moments;

    /// <summary>How many got an answer.</summary>
    public int Answered { get; private set; }

    /// <summary>Begins to follow what the store does.</summary>
    public void Follow(Func<string, string> keyOf, Func<string, string> nameOf) =>
        metadata.ObjectPut += (key, eTag) => _written.Add((keyOf(key), nameOf(eTag)));

    /// <summary>A moment behind all those before.</summary>
    public long Now() => ++_moments;

    /// <summary>Adds an operation that has ended.</summary>
    /// <param name="client">Whose it was.</param>
    /// <param name="key">Of which key.</param>
    /// <param name="input">What was asked.</param>
    /// <param name="output">The answer; null where none came, so that it may take effect at any time.</param>
    /// <param name="invokedAt">When it began.</param>
    public void Add(int client, string key, RegisterInput input, RegisterOutput? output, long invokedAt)
    {
        Answered += output is null ? 0 : 1;
        _operations.Add((key, new(client, input, output, invokedAt, Now())));
    }

    /// <summary>Looks for an order that explains all answers.</summary>
    /// <exception cref="SafetyViolationException">There is none.</exception>
    public void Demand()
    {
        // A write that was never answered and that the store does not know of took no effect.
        foreach (var key in _operations
            .Where(entry => entry.Operation.Output is not null || Written(entry.Operation.Input) is not { } value
                || _written.Contains((entry.Key, value)))
            .GroupBy(static entry => entry.Key))
        {
            LinearizabilityReport report = LinearizabilityChecker.Check(
                new RegisterModel(), UnseenValues.Merge([.. key.Select(static entry => entry.Operation)]));
            ClusterTruth.Demand(
                report.Verdict == Verdict.Linearizable, "linearizability",
                $"key {key.Key}: {report.Verdict}. {report.Explanation}");
        }
    }

    private static string? Written(RegisterInput input) => input switch
    {
        RegisterInput.Put put => put.Value,
        RegisterInput.CompareAndSet set => set.Value,
        _ => null,
    };
}
