using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Training.Parallelism;

namespace Gpt;

/// <summary>
/// The architecture of nanoGPT's <c>model.py</c> as a row of layers: GPT-2 with a norm in front of each part. Of the
/// mesh the layers know the axis along which some of them are divided, and nothing else.
/// </summary>
internal static class GptLayers
{
    /// <summary>The deviation of first weights.</summary>
    private const double Deviation = 0.02;

    /// <summary>The embedding and the layer that gives the scores are one parameter.</summary>
    public static IReadOnlyList<(string First, string Second)> Tied =>
        [("embedding.wte.weight", "head.lm_head.weight")];

    /// <summary>Characters [n, length] to the scores of the next ones [n, length, vocabulary].</summary>
    public static IReadOnlyList<PipelineLayer> Of(GptOptions options, MeshAxis axis) =>
    [
        new PipelineLayer("embedding", () => new GptEmbedding(options, axis)),
        .. Enumerable.Range(0, options.Layers)
            .Select(i => new PipelineLayer($"h.{i}", () => new Block(options, axis))),
        new PipelineLayer("head", () => new Head(options, axis)),
    ];

    /// <summary>As GPT-2 begins: small normal weights, no biases.</summary>
    public static void Initialize(Linear layer) => InitializeBy(layer, Deviation);

    /// <summary>As above, smaller by the root of how many such layers add to the same activations.</summary>
    public static void InitializeResidual(Linear layer, int layers) =>
        InitializeBy(layer, Deviation / Math.Sqrt(2 * layers));

    /// <summary>As above.</summary>
    public static void Initialize(Embedding table) => Init.Normal(table.Weight, 0, Deviation);

    private static void InitializeBy(Linear layer, double deviation)
    {
        Init.Normal(layer.Weight, 0, deviation);
        if (layer.Bias is { } bias)
        {
            Init.Constant(bias, 0);
        }
    }
}
