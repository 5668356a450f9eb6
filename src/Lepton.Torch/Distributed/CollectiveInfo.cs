namespace Lepton.Torch.Distributed;

/// <summary>
/// What a collective is, so that ranks which do different things can be told apart: all ranks of a group must start the
/// same collectives in the same order.
/// </summary>
/// <param name="Sequence">Which one it is of its group, counted from 1 by each rank for itself.</param>
/// <param name="Operation">PyTorch's name, such as <c>all_reduce</c>.</param>
/// <param name="Rank">Who started it.</param>
/// <param name="Tensors">The dtype and shape of each tensor, such as <c>float32[2, 3]</c>.</param>
public sealed record CollectiveInfo(long Sequence, string Operation, int Rank, string Tensors)
{
    /// <summary>The name of the group whose rank it is; empty where it has none.</summary>
    public string Group { get; init; } = "";

    /// <summary>Such as <c>all_reduce #12 (float32[2, 3]) of rank 1</c>.</summary>
    public override string ToString() => $"{Operation} #{Sequence} ({Tensors}) of rank {Rank}" +
        (Group.Length > 0 ? $" of the group {Group}" : "");
}
