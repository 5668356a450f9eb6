using System.Globalization;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Training.Data;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Loop;

/// <summary>Keeps a model that can't be trained any further from taking the place of one that can.</summary>
internal static class FiniteParameters
{
    /// <summary>The first parameter with a NaN or an infinity in it, such as <c>fc1.weight, float32[20, 10]</c>; null
    /// where there is none. O(parameters).</summary>
    public static string? FirstBad(Module model)
    {
        using var noGrad = NoGrad();
        using var scope = new TensorScope();
        foreach (NamedParameter named in model.NamedParameters())
        {
            Tensor value = named.Parameter.Value;
            if (value.DType.IsFloatingPoint() && !value.IsFinite().All().ToBoolean())
            {
                return $"{named.Name}, {value.Describe()}";
            }
        }

        return null;
    }

    /// <summary>Throws where a step has left something that is not to be saved.</summary>
    /// <exception cref="NotFiniteLossException">A parameter is not finite.</exception>
    public static void Require(Module model, long step, int rank)
    {
        if (FirstBad(model) is { } bad)
        {
            string where = string.Create(
                CultureInfo.InvariantCulture, $"After step {step}, {bad}, of the model is not finite (rank {rank})");
            throw new NotFiniteLossException(
                $"{where}, so nothing is saved: a gradient was not, on this rank or another, in this step or in one " +
                "since the last checkpoint, while the loss was. Mend the loss (such as a square root at 0), clip " +
                "gradients (ClipNorm), or lower the learning rate; the last checkpoint is unharmed.")
            {
                Step = step,
                BatchPath = null,
                FirstBad = bad,
            };
        }
    }
}
