namespace Lepton.Simulation.Checking;

/// <summary>
/// Values that were written and that nobody ever saw or asked for are all the same to a history. Making them equal
/// makes the writes without an answer equal too, of which the checker then tries far fewer orders.
/// </summary>
public static class UnseenValues
{
    /// <summary>What stands in the place of a value that nobody saw; no value that is written may be this.</summary>
    public const string Placeholder = "?";

    /// <summary>The same history with all unseen values replaced.</summary>
    public static IEnumerable<Operation<RegisterInput, RegisterOutput>> Merge(
        IReadOnlyCollection<Operation<RegisterInput, RegisterOutput>> history)
    {
        HashSet<string?> seen = [.. history.Select(static operation => operation.Output?.Value)];
        seen.UnionWith(history.Select(static operation => (operation.Input as RegisterInput.CompareAndSet)?.Expected));
        return history.Select(operation => operation with
        {
            Input = operation.Input switch
            {
                RegisterInput.Put put when !seen.Contains(put.Value) => put with { Value = Placeholder },
                RegisterInput.CompareAndSet cas when !seen.Contains(cas.Value) => cas with { Value = Placeholder },
                RegisterInput other => other,
            },
        });
    }
}
