using Lepton.Torch;

namespace Lepton.Training.Parallelism;

/// <summary>A step's parts one after the other, each forward and backward, on a rank that has all layers.</summary>
internal static class PartLoop
{
    /// <param name="parts">How many there are.</param>
    /// <param name="forward">Computes one, and gives what backward starts from.</param>
    /// <param name="beforeLastBackward">Told of what the last backward starts from; null for nobody.</param>
    public static void Run(int parts, Func<int, Tensor> forward, Action<Tensor>? beforeLastBackward = null)
    {
        ArgumentNullException.ThrowIfNull(forward);
        for (int part = 0; part < parts; part++)
        {
            using var scope = new TensorScope();
            Tensor output = forward(part);
            if (part == parts - 1)
            {
                beforeLastBackward?.Invoke(output);
            }

            output.Backward();
        }
    }
}
