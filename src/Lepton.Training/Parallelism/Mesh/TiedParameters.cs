using Lepton.Torch;
using Lepton.Torch.Modules;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism;

/// <summary>
/// Parameters that are one and have a copy on each of two stages: they begin equal, and as each step has the sum of
/// both gradients they stay so (Narayanan et al., "Efficient Large-Scale Language Model Training", section 3).
/// </summary>
internal sealed class TiedParameters
{
    private readonly StageLink? _link;
    private readonly List<Pair> _pairs = [];
    private readonly HashSet<string> _copies = new(StringComparer.Ordinal);

    public TiedParameters(
        DeviceMesh mesh, Pipeline model, MeshParameters parameters, IReadOnlyList<(string First, string Second)> tied)
    {
        _link = model.Link;
        var mine = parameters.Trained.ToDictionary(
            static named => named.Name, static named => named.Parameter, StringComparer.Ordinal);
        foreach ((string first, string second) in tied)
        {
            string[] stages = mesh.PipelineAxis.GatherText(
                $"{(mine.ContainsKey(first) ? 1 : 0)}{(mine.ContainsKey(second) ? 1 : 0)}");
            int firstStage = Array.FindIndex(stages, static text => text[0] == '1');
            int secondStage = Array.FindIndex(stages, static text => text[1] == '1');
            if (firstStage < 0 || secondStage < 0)
            {
                throw new ArgumentException(
                    $"'{first}' and '{second}' are to be one parameter, but no stage has " +
                    $"'{(firstStage < 0 ? first : second)}'. Name parameters of the model's state.");
            }

            _copies.Add(second);
            if (mine.ContainsKey(first) || mine.ContainsKey(second))
            {
                _pairs.Add(new Pair(
                    mine.GetValueOrDefault(first), mine.GetValueOrDefault(second), firstStage, secondStage));
            }
        }
    }

    /// <summary>Whether a parameter is the second of a pair, which counts with the first.</summary>
    public bool IsCopy(string name) => _copies.Contains(name);

    /// <summary>Makes each second one as the first is.</summary>
    public void MakeEqual() => ForEach((pair, tag) =>
    {
        switch (pair)
        {
            case { First: { } first, Second: { } second }:
                second.Value.CopyFrom(first.Value);
                break;
            case { First: { } first }:
                _link!.Send(first.Value, pair.SecondStage, tag);
                break;
            default:
                pair.Second!.Value.CopyFrom(_link!.Receive(pair.FirstStage, tag, Device.Cpu));
                break;
        }
    });

    /// <summary>Gives both of a pair the sum of their gradients.</summary>
    public void AddGradients() => ForEach((pair, tag) =>
    {
        if (pair is { First: { } first, Second: { } second })
        {
            Tensor sum = GradientOf(first) + GradientOf(second);
            GradientOf(first).CopyFrom(sum);
            GradientOf(second).CopyFrom(sum);
            return;
        }

        (Parameter mine, int other) = pair.First is { } here
            ? (here, pair.SecondStage)
            : (pair.Second!, pair.FirstStage);
        Tensor gradient = GradientOf(mine);

        // Each adds the other's to its own: a + b and b + a are the same bits.
        _link!.Send(gradient.Clone(), other, tag);
        gradient.AddInPlace(_link.Receive(other, tag, gradient.Device));
    });

    private static Tensor GradientOf(Parameter parameter) => parameter.Grad ?? throw new InvalidOperationException(
        "A tied parameter has no gradient: the loss does not depend on it.");

    private void ForEach(Action<Pair, int> action)
    {
        using var noGrad = NoGrad();
        using var scope = new TensorScope();
        for (int i = 0; i < _pairs.Count; i++)
        {
            action(_pairs[i], i);
        }

        _link?.Flush();
    }

    private sealed record Pair(Parameter? First, Parameter? Second, int FirstStage, int SecondStage);
}
