using System.Globalization;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Serialization;
using Lepton.Training.Data;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Loop;

/// <summary>
/// Finds out what made a loss NaN: the batch, the parameters, or the first operator between them, for which forward
/// runs once more.
/// </summary>
internal sealed class NotFiniteSearch(Module model, string? folder, int rank)
{
    public NotFiniteLossException Describe(double loss, long step, TrainingBatch batch, Action forward)
    {
        using var scope = new TensorScope();
        string bad = FirstBad(batch, forward);
        string? path = folder is null ? null : Save(batch, Path.Combine(folder, string.Create(
            CultureInfo.InvariantCulture, $"bad-batch-step-{step}-rank-{rank}.safetensors")));
        string samples = string.Join(", ", batch.Indices[..Math.Min(8, batch.Size)].ToArray()) +
            (batch.Size > 8 ? ", ..." : "");
        string where = string.Create(
            CultureInfo.InvariantCulture,
            $"The loss is {loss} at step {step} (epoch {batch.Position.Epoch}, batch {batch.Position.Batch}, rank " +
            $"{rank}, samples {samples}). First to go bad: {bad}.{Saved(path)} ");
        return new NotFiniteLossException(
            where +
            "Lower the learning rate, clip gradients (ClipNorm), or mend the data; the last checkpoint is unharmed.")
        {
            Step = step,
            BatchPath = path,
            FirstBad = bad,
        };
    }

    private static string Saved(string? path) => path is null ? "" : $" The batch is in {path}.";

    private string FirstBad(TrainingBatch batch, Action forward) => FirstBadInput(batch) ??
        (FindNotFinite(forward) is { } found
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{found.Result}, which {found.Name} gave, " +
                $"operator {found.Number} of the forward, while the batch and all parameters are finite")
            : "what the model computes from them, as the batch and all parameters are finite, and so was each " +
                "operator's result when forward was run again");

    private string? FirstBadInput(TrainingBatch batch)
    {
        using var noGrad = NoGrad();
        for (int i = 0; i < batch.Count; i++)
        {
            if (!IsFinite(batch[i]))
            {
                return $"tensor {i} of the batch, {batch[i].Describe()}";
            }
        }

        foreach ((string name, Tensor tensor) in model.StateDict())
        {
            if (!IsFinite(tensor))
            {
                return $"{name}, {tensor.Describe()}, of the model, which was so before this step: a gradient of an " +
                    "earlier one was not finite, on this rank or another";
            }
        }

        return null;
    }

    private static bool IsFinite(Tensor tensor) =>
        !tensor.DType.IsFloatingPoint() || tensor.IsFinite().All().ToBoolean();

    private static string Save(TrainingBatch batch, string path)
    {
        var tensors = new OrderedDictionary<string, Tensor>(StringComparer.Ordinal)
        {
            ["indices"] = From(batch.Indices),
        };
        for (int i = 0; i < batch.Count; i++)
        {
            tensors.Add(i.ToString(CultureInfo.InvariantCulture), batch[i]);
        }

        Safetensors.Save(path, tensors);
        return path;
    }
}
