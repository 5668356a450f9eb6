using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Torch.Serialization;
using Lepton.Training.Parallelism;

namespace Lepton.Training.Checkpoints;

/// <summary>The tensors of a model and its optimizer under names, as checkpoints hold them.</summary>
internal static class TrainingState
{
    public const string ModelPrefix = "model/";
    public const string OptimizerPrefix = "optimizer/";

    private const string ParallelismPrefix = "parallelism/";

    /// <param name="model">The model.</param>
    /// <param name="optimizer">What its optimizer remembers.</param>
    /// <param name="parallelism">What the ranks' way to share the work remembers; null: left out.</param>
    public static IReadOnlyDictionary<string, Tensor> Tensors(
        Module model, OptimizerState optimizer, IReadOnlyDictionary<string, Tensor>? parallelism = null)
    {
        var tensors = new OrderedDictionary<string, Tensor>(StringComparer.Ordinal);
        Add(tensors, ModelPrefix, model.StateDict());
        Add(tensors, OptimizerPrefix, optimizer.Tensors);
        if (parallelism is not null)
        {
            Add(tensors, ParallelismPrefix, parallelism);
        }

        return tensors;
    }

    /// <summary>Loads a verified checkpoint, all its shards, whatever the number of ranks that wrote them.</summary>
    /// <exception cref="CheckpointException">It is of another model or optimizer; nothing was changed.</exception>
    public static void Load(
        OpenedCheckpoint checkpoint, Module model, Optimizer optimizer, IParallelism parallelism)
    {
        using var scope = new TensorScope();
        CheckpointManifest manifest = checkpoint.Manifest;
        IStateLayout? layout = parallelism.StateLayout;
        var modelState = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var optimizerState = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var parallelismState = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (ShardRecord shard in manifest.Shards)
        {
            using SafetensorsFile file = SafetensorsFile.Open(checkpoint.PathOf(shard));
            foreach (string name in file.Entries.Keys.Where(key => layout?.IsElsewhere(key) is not true))
            {
                Tensor tensor = layout is null ? file.Read(name) : Cut(layout, name, file);
                if (name.StartsWith(ModelPrefix, StringComparison.Ordinal))
                {
                    modelState.Add(name[ModelPrefix.Length..], tensor);
                }
                else if (name.StartsWith(ParallelismPrefix, StringComparison.Ordinal))
                {
                    parallelismState.Add(name[ParallelismPrefix.Length..], tensor);
                }
                else
                {
                    optimizerState.Add(name[OptimizerPrefix.Length..], tensor);
                }
            }
        }

        try
        {
            model.LoadStateDict(modelState);
            optimizer.ImportState(new OptimizerState(
                optimizerState, layout?.OwnNumbers(manifest.OptimizerNumbers) ?? manifest.OptimizerNumbers));
            parallelism.ImportState(parallelismState);
        }
        catch (StateMismatchException e)
        {
            throw new CheckpointException(
                $"The checkpoint {checkpoint.Name} is of another model or optimizer: {e.Message} Or give another run " +
                "directory; this checkpoint stays as it is.",
                e);
        }
    }

    // One whole tensor at a time.
    private static Tensor Cut(IStateLayout layout, string name, SafetensorsFile file) =>
        TensorScope.Run(() => layout.CutOf(name, file.Read(name)));

    private static void Add(
        OrderedDictionary<string, Tensor> to, string prefix, IReadOnlyDictionary<string, Tensor> tensors)
    {
        foreach ((string name, Tensor tensor) in tensors)
        {
            to.Add(prefix + name, tensor);
        }
    }
}
