using Lepton.Torch;
using Lepton.Torch.Modules;

namespace Lepton.Training.Parallelism;

/// <summary>
/// A <see cref="Linear"/> of whose outputs each rank of the tensor axis computes a part (Megatron-LM, section 3). In
/// front of a <see cref="RowParallelLinear"/> it needs no exchange in forward and one sum in backward. State:
/// <c>weight</c> [out of this rank, in], <c>bias</c> [out of this rank].
/// </summary>
public sealed class ColumnParallelLinear : Module<Tensor, Tensor>, IShardedModule
{
    private readonly MeshAxis _axis;

    /// <summary>Makes a layer whose parts together are the <see cref="Linear"/> that the same draws give.</summary>
    /// <param name="axis">The mesh's tensor axis.</param>
    /// <param name="inputs">The size of the input's last dimension, 1 or more.</param>
    /// <param name="outputs">The size of the output's last dimension on all ranks together.</param>
    /// <param name="hasBias">Whether a bias is added.</param>
    /// <param name="blocks">
    /// How many blocks the outputs are of which each is divided, such as 3 for queries, keys and values.
    /// </param>
    /// <param name="initialize">Sets the whole layer's first values; null: as <see cref="Linear"/> draws them.</param>
    public ColumnParallelLinear(
        MeshAxis axis, long inputs, long outputs, bool hasBias = true, int blocks = 1,
        Action<Linear>? initialize = null)
    {
        ArgumentNullException.ThrowIfNull(axis);
        _axis = axis;
        using var scope = new TensorScope();
        using var whole = new Linear(inputs, outputs, hasBias);
        initialize?.Invoke(whole);
        var shard = new TensorShard(0, outputs, blocks);
        Weight = new Parameter(shard.Cut(whole.Weight.Value.Detach(), axis.Rank, axis.Size));
        Bias = whole.Bias is { } bias ? new Parameter(shard.Cut(bias.Value.Detach(), axis.Rank, axis.Size)) : null;
        Shards = Bias is null ? [new(Weight, shard)] : [new(Weight, shard), new(Bias, shard)];
    }

    /// <summary>[out of this rank, in].</summary>
    public Parameter Weight { get; }

    /// <summary>[out of this rank]; null where there is none.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<Parameter, TensorShard>> Shards { get; }

    /// <summary>[.., in], the same on all ranks, is [.., out of this rank].</summary>
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Linear(_axis.Enter(input), Weight, Bias);
}
