using Lepton.Torch;
using Lepton.Torch.Modules;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism;

/// <summary>
/// A <see cref="Dropout"/> of a tensor of which each rank of the tensor axis has a part, such as the weights of its
/// heads: ranks draw for the whole and each takes its part. Were each to draw for its own, all would drop alike, as
/// they have one sequence of random numbers.
/// </summary>
/// <param name="axis">The mesh's tensor axis.</param>
/// <param name="p">The share that is dropped, from 0 up to, without, 1.</param>
/// <param name="dimension">The dimension that is divided, into parts of one size.</param>
public sealed class ShardedDropout(MeshAxis axis, double p, int dimension) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        if (!IsTraining || p == 0)
        {
            return input;
        }

        if (axis.Size == 1)
        {
            return Functional.Dropout(input, p);
        }

        long[] shape = input.Shape.ToArray();
        long size = shape[dimension];
        shape[dimension] *= axis.Size;
        Tensor isKept;
        using (NoGrad())
        {
            isKept = Functional.Dropout(Ones(shape, input.DType, input.Device), p)
                .Narrow(dimension, axis.Rank * size, size);
        }

        return input * isKept;
    }
}
