using Lepton.Torch;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism;

/// <summary>
/// The cross entropy of scores that are divided among the ranks of the tensor axis by class: the whole of them is on no
/// rank, and three numbers a row are exchanged instead (Megatron-LM, section 3).
/// </summary>
public static class VocabParallelLoss
{
    /// <summary>The mean over rows of minus the logarithm of the target's probability, on every rank.</summary>
    /// <param name="axis">The mesh's tensor axis.</param>
    /// <param name="logits">This rank's scores, [n, classes of this rank].</param>
    /// <param name="target">The classes, [n], int64, the same on all ranks.</param>
    /// <param name="classes">How many classes there are on all ranks together.</param>
    public static Tensor CrossEntropy(MeshAxis axis, Tensor logits, Tensor target, long classes)
    {
        ArgumentNullException.ThrowIfNull(axis);
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(target);
        (long start, long end) = TensorShard.RangeOf(classes, axis.Rank, axis.Size);
        if (logits.Dimensions != 2 || logits.Size(1) != end - start)
        {
            throw new ArgumentException(
                $"The scores are {Data.TensorText.Describe(logits)}; expected [n, {end - start}], which is what " +
                $"{axis} has of {classes} classes.",
                nameof(logits));
        }

        if (axis.Size == 1)
        {
            return LossFunctions.CrossEntropy(logits, target);
        }

        Tensor max_N = LargestOf(axis, logits);
        Tensor shifted_NC = logits - max_N.Unsqueeze(1);
        Tensor sum_N = axis.Leave(shifted_NC.Exp().Sum(1));
        Tensor isElsewhere_N = target.Lt(start).Or(target.Ge(end));
        Tensor place_N = (target - start).MaskedFill(isElsewhere_N, 0);
        Tensor picked_N = shifted_NC.Gather(1, place_N.Unsqueeze(1)).Squeeze(1).MaskedFill(isElsewhere_N, 0);
        return (sum_N.Log() - axis.Leave(picked_N)).Mean();
    }

    private static Tensor LargestOf(MeshAxis axis, Tensor logits)
    {
        using var noGrad = NoGrad();
        Tensor max_N = logits.Detach().Max(1).Contiguous();
        axis.MaxInPlace(max_N);
        return max_N;
    }
}
