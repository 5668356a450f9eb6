using Lepton.Torch;
using Lepton.Torch.Modules;

namespace Lepton.Training.Parallelism;

/// <summary>
/// A <see cref="Linear"/> of whose inputs each rank of the tensor axis has a part (Megatron-LM, section 3): forward
/// adds up what the ranks made of theirs. State: <c>weight</c> [out, in of this rank], <c>bias</c> [out], the same on
/// all ranks.
/// </summary>
public sealed class RowParallelLinear : Module<Tensor, Tensor>, IShardedModule
{
    private readonly MeshAxis _axis;

    /// <summary>Makes a layer whose parts together are the <see cref="Linear"/> that the same draws give.</summary>
    /// <param name="axis">The mesh's tensor axis.</param>
    /// <param name="inputs">The size of the input's last dimension on all ranks together.</param>
    /// <param name="outputs">The size of the output's last dimension, 1 or more.</param>
    /// <param name="hasBias">Whether a bias is added, behind the sum.</param>
    /// <param name="initialize">Sets the whole layer's first values; null: as <see cref="Linear"/> draws them.</param>
    public RowParallelLinear(
        MeshAxis axis, long inputs, long outputs, bool hasBias = true, Action<Linear>? initialize = null)
    {
        ArgumentNullException.ThrowIfNull(axis);
        _axis = axis;
        using var scope = new TensorScope();
        using var whole = new Linear(inputs, outputs, hasBias);
        initialize?.Invoke(whole);
        var shard = new TensorShard(1, inputs);
        Weight = new Parameter(shard.Cut(whole.Weight.Value.Detach(), axis.Rank, axis.Size));
        Bias = whole.Bias is { } bias ? new Parameter(bias.Value.Detach().Clone()) : null;
        Shards = [new(Weight, shard)];
    }

    /// <summary>[out, in of this rank].</summary>
    public Parameter Weight { get; }

    /// <summary>[out]; null where there is none.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<Parameter, TensorShard>> Shards { get; }

    /// <summary>[.., in of this rank] is [.., out], the same on all ranks.</summary>
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        if (_axis.Size == 1)
        {
            return Functional.Linear(input, Weight, Bias);
        }

        Tensor sum = _axis.Leave(Functional.Linear(input, Weight));
        return Bias is null ? sum : sum + Bias.Value;
    }
}
