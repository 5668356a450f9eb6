using Lepton.Torch.Optimizers;

namespace Lepton.Training.ParameterServer;

/// <summary>How servers train; all workers of a training say the same. Checked when a worker attaches its
/// model.</summary>
public sealed record ParameterServerOptions
{
    /// <summary>When gradients are taken in; <see cref="UpdateMode.Synchronous"/> by default.</summary>
    public UpdateMode Mode { get; init; }

    /// <summary>
    /// Steps that a worker may be ahead of the slowest one, 0 or more, with <see cref="UpdateMode.BoundedStaleness"/>.
    /// </summary>
    public int Staleness { get; init; } = 4;

    /// <summary>
    /// The optimizer, which the servers run: <see cref="SgdOptions"/>, <see cref="AdagradOptions"/>,
    /// <see cref="AdamOptions"/> or <see cref="AdamWOptions"/>.
    /// </summary>
    public required OptimizerOptions Optimizer { get; init; }

    /// <summary>
    /// Elements of the largest piece of a parameter, 16 or more, that lies on one server as a whole: larger ones are
    /// cut, so that servers have about as much to do. 65,536 by default.
    /// </summary>
    public int SliceElementsMax { get; init; } = 65_536;

    internal void Validate()
    {
        List<string> faults = [];
        if (!Enum.IsDefined(Mode))
        {
            faults.Add($"{nameof(Mode)} is {Mode}, none of {string.Join(", ", Enum.GetNames<UpdateMode>())}");
        }

        if (Staleness < 0)
        {
            faults.Add($"{nameof(Staleness)} is {Staleness}; it must be 0 or more");
        }

        if (SliceElementsMax < 16)
        {
            faults.Add($"{nameof(SliceElementsMax)} is {SliceElementsMax}; it must be 16 or more");
        }

        if (Optimizer is not (SgdOptions or AdagradOptions or AdamOptions))
        {
            faults.Add(
                $"{nameof(Optimizer)} is {Optimizer?.GetType().Name ?? "null"}; servers know {nameof(SgdOptions)}, " +
                $"{nameof(AdagradOptions)}, {nameof(AdamOptions)} and {nameof(AdamWOptions)}");
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException($"{nameof(ParameterServerOptions)}: {string.Join("; ", faults)}.");
        }
    }
}
