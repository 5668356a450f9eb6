using Lepton.Torch;
using Lepton.Torch.Modules;

namespace Lepton.Training.Parallelism;

/// <summary>
/// An <see cref="Embedding"/> of whose rows each rank of the tensor axis has a range (Megatron-LM, section 3): a rank
/// gives zeros for the rows of the others, and all are added up. The rows need not be a multiple of the ranks. State:
/// <c>weight</c> [rows of this rank, width].
/// </summary>
public sealed class VocabParallelEmbedding : Module<Tensor, Tensor>, IShardedModule
{
    private readonly MeshAxis _axis;
    private readonly long _start;
    private readonly long _end;

    /// <summary>Makes a table whose parts together are the <see cref="Embedding"/> of the same draws.</summary>
    /// <param name="axis">The mesh's tensor axis.</param>
    /// <param name="count">Rows on all ranks together, not fewer than ranks.</param>
    /// <param name="width">The size of a row, 1 or more.</param>
    /// <param name="initialize">Sets the whole table's first values; null: as <see cref="Embedding"/> does.</param>
    public VocabParallelEmbedding(MeshAxis axis, long count, long width, Action<Embedding>? initialize = null)
    {
        ArgumentNullException.ThrowIfNull(axis);
        _axis = axis;
        using var scope = new TensorScope();
        using var whole = new Embedding(count, width);
        initialize?.Invoke(whole);
        var shard = new TensorShard(0, count);
        (_start, _end) = TensorShard.RangeOf(count, axis.Rank, axis.Size);
        Weight = new Parameter(shard.Cut(whole.Weight.Value.Detach(), axis.Rank, axis.Size));
        Shards = [new(Weight, shard)];
    }

    /// <summary>[rows of this rank, width].</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<Parameter, TensorShard>> Shards { get; }

    /// <summary>Row numbers [..] (int64) are [.., width], the same on all ranks.</summary>
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        if (_axis.Size == 1)
        {
            return Functional.Embedding(Weight, input);
        }

        Tensor isElsewhere = input.Lt(_start).Or(input.Ge(_end));
        Tensor rows = Functional.Embedding(Weight, (input - _start).MaskedFill(isElsewhere, 0));
        return _axis.Leave(rows.MaskedFill(isElsewhere.Unsqueeze(-1), 0));
    }
}
