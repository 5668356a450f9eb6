namespace Lepton.Torch.Modules;

/// <summary>
/// A state that does not fit the model or the optimizer; nothing was loaded. The message has all differences.
/// </summary>
public sealed class StateMismatchException(
    string message, StateDifferences differences, IReadOnlyList<string> misshapen) : TorchException(message)
{
    /// <summary>Names that are missing or unexpected.</summary>
    public StateDifferences Differences => differences;

    /// <summary>Names whose shapes differ.</summary>
    public IReadOnlyList<string> Misshapen => misshapen;
}
