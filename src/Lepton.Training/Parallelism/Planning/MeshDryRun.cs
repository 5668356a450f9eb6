using System.Globalization;
using System.Text;
using Lepton.Training.Checkpoints;

namespace Lepton.Training.Parallelism;

/// <summary>Says what each rank of a mesh would hold and send, from a profile that one process made. Pure.</summary>
/// <remarks>
/// Sums count by the ring's bytes, 2 (n - 1) / n of a tensor a rank; where ranks share a machine they go through its
/// memory. Parameters that are tied across stages, the clipping of gradients and what is logged are not counted.
/// </remarks>
public static class MeshDryRun
{
    /// <summary>Every rank's plan.</summary>
    /// <param name="shape">The mesh.</param>
    /// <param name="profiles">
    /// The layers' profiles for one part of a batch, on each rank of the tensor axis: <see cref="PipelineProfile"/>
    /// with <see cref="DeviceMesh.Planned"/>.
    /// </param>
    /// <param name="options">The training.</param>
    public static IReadOnlyList<RankPlan> Of(
        MeshShape shape, IReadOnlyList<IReadOnlyList<LayerProfile>> profiles, DryRunOptions options)
    {
        ArgumentNullException.ThrowIfNull(profiles);
        ArgumentNullException.ThrowIfNull(options);
        if (profiles.Count != shape.Tensor || options.Starts.Count != shape.Pipeline)
        {
            throw new ArgumentException(
                $"A mesh of {shape} takes {shape.Tensor} profiles and {shape.Pipeline} stages; there are " +
                $"{profiles.Count} and {options.Starts.Count}.");
        }

        return [.. Enumerable.Range(0, shape.Size).Select(rank => PlanOf(rank, shape, profiles, options))];
    }

    /// <summary>A table, a row a rank.</summary>
    public static string Describe(IReadOnlyList<RankPlan> plans)
    {
        ArgumentNullException.ThrowIfNull(plans);
        const string Layers = "layers";
        int width = plans.Select(static plan => plan.LayerNames.Length).Append(Layers.Length).Max();
        var text = new StringBuilder(
            $"rank  place  {Layers.PadRight(width)}    parameters   gradients   optimizer  activations        held" +
            "    sent a step        data      tensor    pipeline\n");
        foreach (RankPlan plan in plans)
        {
            string place = string.Create(
                CultureInfo.InvariantCulture, $"{plan.Place.Data},{plan.Place.Tensor},{plan.Place.Pipeline}");
            text.Append(
                CultureInfo.InvariantCulture,
                $"{plan.Rank,4}  {place,-5}  {plan.LayerNames.PadRight(width)}  {Bytes(plan.ParameterBytes),12}");
            text.Append(
                CultureInfo.InvariantCulture,
                $"{Bytes(plan.GradientBytes),12}{Bytes(plan.OptimizerBytes),12}{Bytes(plan.ActivationBytes),13}");
            text.Append(
                CultureInfo.InvariantCulture,
                $"{Bytes(plan.HeldBytes),12}{Bytes(plan.SentBytes),15}{Bytes(plan.DataBytesSent),12}");
            text.Append(
                CultureInfo.InvariantCulture,
                $"{Bytes(plan.TensorBytesSent),12}{Bytes(plan.PipelineBytesSent),12}\n");
        }

        return text.ToString();
    }

    private static RankPlan PlanOf(
        int rank, MeshShape shape, IReadOnlyList<IReadOnlyList<LayerProfile>> profiles, DryRunOptions options)
    {
        MeshPlace place = shape.PlaceOf(rank);
        IReadOnlyList<LayerProfile> all = profiles[place.Tensor];
        int stage = place.Pipeline;
        int first = options.Starts[stage];
        int end = stage + 1 < shape.Pipeline ? options.Starts[stage + 1] : all.Count;
        LayerProfile[] layers = [.. all.Skip(first).Take(end - first)];
        long[] parameters = SizesOf(layers);

        // As on the ranks, all of the tensor axis divide as its first does.
        long[] ofFirst = SizesOf(profiles[0].Skip(first).Take(end - first));
        long stepped = options.ShardsOptimizer
            ? ShardPlan.Of(ofFirst, place.Data, shape.Data).Sum(at => parameters[at])
            : parameters.Sum();
        int held = shape.Pipeline == 1
            ? 1
            : PipelineSchedule.HeldMax(options.Schedule, stage, shape.Pipeline, options.Parts);
        long input = first == 0 ? 0 : all[first - 1].OutputBytes;
        bool isLast = stage == shape.Pipeline - 1;
        long sent = (stage == 0 ? 0 : input + StageLink.HeaderBytes)
            + (isLast ? 0 : all[end - 1].OutputBytes + StageLink.HeaderBytes);
        return new RankPlan(
            rank, place, first, layers.Length, NamesOf(layers), parameters.Sum(), parameters.Sum(),
            options.OptimizerSlots * stepped, held * (input + layers.Sum(static layer => layer.ActivationBytes)),
            (2 + (options.ShardsOptimizer ? 1 : 0)) * parameters.Sum() * (shape.Data - 1) / shape.Data,
            options.Parts * layers.Sum(static layer => layer.TensorBytesSent), options.Parts * sent);
    }

    private static string NamesOf(LayerProfile[] layers) =>
        layers.Length == 1 ? layers[0].Name : $"{layers[0].Name}..{layers[^1].Name}";

    private static long[] SizesOf(IEnumerable<LayerProfile> layers) =>
        [.. layers.SelectMany(static layer => layer.ParameterBytes)];

    private static string Bytes(long bytes) => bytes switch
    {
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1000.0:0.0} kB"),
        < 10_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB"),
    };
}
