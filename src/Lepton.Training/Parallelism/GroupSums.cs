using Lepton.Torch;
using Lepton.Torch.Distributed;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism;

/// <summary>Sums of plain numbers over ranks.</summary>
internal static class GroupSums
{
    /// <summary>Makes each number the sum of all ranks'; waits for them.</summary>
    public static void SumInPlace(this ProcessGroup group, Span<double> values)
    {
        using var scope = new TensorScope();
        Tensor tensor = From<double>(values);
        using (Work work = group.AllReduce(tensor))
        {
            work.Wait();
        }

        tensor.CopyInto(values);
    }
}
