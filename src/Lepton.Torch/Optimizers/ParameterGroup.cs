using Lepton.Torch.Modules;

namespace Lepton.Torch.Optimizers;

/// <summary>Parameters that are trained with the same options, such as a head with a rate of its own.</summary>
public sealed class ParameterGroup
{
    /// <summary>Makes a group of some of a model's parameters.</summary>
    /// <param name="parameters">One or more, as <see cref="Module.NamedParameters"/> gives them.</param>
    /// <param name="options">Null: the optimizer's.</param>
    public ParameterGroup(IEnumerable<NamedParameter> parameters, OptimizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Parameters = [.. parameters];
        Given = options;
    }

    /// <summary>The parameters with their names in the model.</summary>
    public IReadOnlyList<NamedParameter> Parameters { get; }

    /// <summary>The learning rate of the next step; schedules set it.</summary>
    public double LearningRate { get; set; }

    /// <summary>SGD's momentum or Adam's first beta in the next step; 0 in optimizers without one.</summary>
    public double Momentum { get; set; }

    /// <summary>The options as they were given.</summary>
    public OptimizerOptions Options { get; private set; } = null!;

    internal OptimizerOptions? Given { get; }

    /// <summary>The group's parameters with the optimizer's state of each.</summary>
    internal OptimizerEntry[] Entries { get; private set; } = [];

    internal void Begin(OptimizerOptions options, int slots)
    {
        if (Options is not null)
        {
            throw new InvalidOperationException(
                "A group of parameters belongs to an optimizer already, which would lose it. Make another group.");
        }

        options.Validate();
        Options = options;
        LearningRate = options.LearningRate;
        Momentum = options.InitialMomentum ?? 0;
        Entries = [.. Parameters.Select(named => new OptimizerEntry(named, slots))];
    }
}
