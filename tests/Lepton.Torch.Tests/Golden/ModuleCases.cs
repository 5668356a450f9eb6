using Lepton.Torch.Modules;

namespace Lepton.Torch.Tests.Golden;

/// <summary>The modules of tests/golden/torch_modules.py, by the same names.</summary>
internal static class ModuleCases
{
    public static IReadOnlyDictionary<string, ModuleCase> All { get; } = new Dictionary<string, ModuleCase>(
        [.. Layers(), .. Activations(), .. Pooling(), .. Normalisation(), .. Recurrent(), .. Attention()]);

    public static Sequential Mlp() => new(new Linear(6, 8), new ReLU(), new Linear(8, 3));

    private static Dictionary<string, ModuleCase> Layers() => new()
    {
        ["linear"] = ModuleCase.Of(() => new Linear(5, 3)),
        ["linear_without_bias"] = ModuleCase.Of(() => new Linear(5, 3, hasBias: false)),
        ["sequential"] = ModuleCase.Of(() => Mlp()),
        ["flatten"] = ModuleCase.Of(() => new Sequential(new Flatten(), new Linear(100, 2))),
        ["conv1d"] = ModuleCase.Of(() => new Conv1d(4, 6, 3, stride: 2, padding: 1)),
        ["conv1d_circular"] = ModuleCase.Of(
            () => new Conv1d(4, 2, 3, padding: 2, hasBias: false, paddingMode: PaddingMode.Circular)),
        ["conv2d"] = ModuleCase.Of(() => new Conv2d(4, 6, 3)),
        ["conv2d_groups"] = ModuleCase.Of(() => new Conv2d(4, 4, (3, 2), (1, 2), (2, 1), (2, 1), groups: 2)),
        ["conv2d_reflect"] = ModuleCase.Of(
            () => new Conv2d(4, 2, 3, padding: 1, paddingMode: PaddingMode.Reflect)),
        ["conv2d_replicate"] = ModuleCase.Of(
            () => new Conv2d(4, 2, 3, padding: (1, 2), paddingMode: PaddingMode.Replicate)),
        ["conv2d_circular"] = ModuleCase.Of(
            () => new Conv2d(4, 2, 3, padding: (1, 2), paddingMode: PaddingMode.Circular)),
        ["embedding"] = ModuleCase.Of(() => new Embedding(7, 3)),
        ["embedding_padding"] = ModuleCase.Of(() => new Embedding(5, 3, padding: -1, scalesByFrequency: true)),
        ["dropout"] = ModuleCase.Of(() => new Sequential(new Linear(6, 6), new Dropout(0.4))),
        ["dropout_eval"] = ModuleCase.Evaluated(() => new Dropout(0.4)),
        ["dropout1d"] = ModuleCase.Of(() => new Dropout1d(0.5)),
        ["dropout2d"] = ModuleCase.Of(() => new Dropout2d(0.5)),
    };

    private static Dictionary<string, ModuleCase> Activations() => new()
    {
        ["relu"] = ModuleCase.Of(() => new ReLU()),
        ["relu6"] = ModuleCase.Of(() => new ReLU6()),
        ["leaky_relu"] = ModuleCase.Of(() => new LeakyReLU(0.2)),
        ["prelu"] = ModuleCase.Of(() => new PReLU(4)),
        ["elu"] = ModuleCase.Of(() => new ELU(0.7)),
        ["selu"] = ModuleCase.Of(() => new SELU()),
        ["gelu"] = ModuleCase.Of(() => new GELU()),
        ["gelu_tanh"] = ModuleCase.Of(() => new GELU(byTanh: true)),
        ["silu"] = ModuleCase.Of(() => new SiLU()),
        ["mish"] = ModuleCase.Of(() => new Mish()),
        ["sigmoid"] = ModuleCase.Of(() => new Sigmoid()),
        ["tanh"] = ModuleCase.Of(() => new Tanh()),
        ["hardtanh"] = ModuleCase.Of(() => new Hardtanh(-0.5, 0.8)),
        ["hardswish"] = ModuleCase.Of(() => new Hardswish()),
        ["hardsigmoid"] = ModuleCase.Of(() => new Hardsigmoid()),
        ["log_sigmoid"] = ModuleCase.Of(() => new LogSigmoid()),
        ["softplus"] = ModuleCase.Of(() => new Softplus(2, 1)),
        ["softmax"] = ModuleCase.Of(() => new Softmax(-1)),
        ["log_softmax"] = ModuleCase.Of(() => new LogSoftmax(1)),
        ["glu"] = ModuleCase.Of(() => new GLU()),
    };

    private static Dictionary<string, ModuleCase> Pooling() => new()
    {
        ["max_pool1d"] = ModuleCase.Of(() => new MaxPool1d(3, 2, 1)),
        ["max_pool2d"] = ModuleCase.Of(() => new MaxPool2d((2, 3), ceil: true)),
        ["avg_pool1d"] = ModuleCase.Of(() => new AvgPool1d(2)),
        ["avg_pool2d"] = ModuleCase.Of(() => new AvgPool2d(3, 2, 1, countsPadding: false)),
        ["adaptive_avg_pool1d"] = ModuleCase.Of(() => new AdaptiveAvgPool1d(4)),
        ["adaptive_avg_pool2d"] = ModuleCase.Of(() => new AdaptiveAvgPool2d((2, 3))),
        ["adaptive_max_pool1d"] = ModuleCase.Of(() => new AdaptiveMaxPool1d(4)),
        ["adaptive_max_pool2d"] = ModuleCase.Of(() => new AdaptiveMaxPool2d(2)),
    };

    private static Dictionary<string, ModuleCase> Normalisation() => new()
    {
        ["layer_norm"] = ModuleCase.Of(() => new LayerNorm(6)),
        ["layer_norm_2d"] = ModuleCase.Of(() => new LayerNorm([5, 5], 1e-3)),
        ["layer_norm_plain"] = ModuleCase.Of(() => new LayerNorm(6, isAffine: false)),
        ["batch_norm1d"] = ModuleCase.Of(() => new BatchNorm1d(5)),
        ["batch_norm1d_eval"] = ModuleCase.Evaluated(() => new BatchNorm1d(5)),
        ["batch_norm1d_average"] = ModuleCase.Of(() => new BatchNorm1d(4, momentum: null)),
        ["batch_norm2d"] = ModuleCase.Of(() => new BatchNorm2d(4, 1e-3, 0.3)),
        ["batch_norm2d_stateless"] = ModuleCase.Of(
            () => new BatchNorm2d(4, isAffine: false, tracksRunningValues: false)),
        ["group_norm"] = ModuleCase.Of(() => new GroupNorm(2, 4)),
    };

    private static Dictionary<string, ModuleCase> Recurrent()
    {
        var deep = new RecurrentOptions { Layers = 2, BatchFirst = true, Dropout = 0.3, Bidirectional = true };
        return new()
        {
            ["lstm"] = ModuleCase.Of(() => new LSTM(3, 4), (lstm, x) => Flat(lstm.Forward(x[0]))),
            ["lstm_state"] = ModuleCase.Of(
                () => new LSTM(3, 4), (lstm, x) => Flat(lstm.Forward(x[0], (x[1], x[2])))),
            ["lstm_deep"] = ModuleCase.Of(() => new LSTM(3, 4, deep), (lstm, x) => Flat(lstm.Forward(x[0]))),
            ["lstm_without_bias"] = ModuleCase.Of(
                () => new LSTM(3, 4, new() { HasBiases = false }), (lstm, x) => Flat(lstm.Forward(x[0]))),
            ["gru"] = ModuleCase.Of(() => new GRU(3, 4), (gru, x) => Flat(gru.Forward(x[0]))),
            ["gru_deep"] = ModuleCase.Of(() => new GRU(3, 4, deep), (gru, x) => Flat(gru.Forward(x[0], x[1]))),
        };
    }

    private static Dictionary<string, ModuleCase> Attention() => new()
    {
        ["attention"] = ModuleCase.Of(
            () => new MultiheadAttention(8, 2), (m, x) => Flat(m.Forward(x[0], x[0], x[0]))),
        ["attention_causal"] = ModuleCase.Of(
            () => new MultiheadAttention(8, 2, batchFirst: true),
            (m, x) => Flat(m.Forward(x[0], x[0], x[0], Padding(), isCausal: true, averageWeights: false))),
        ["attention_cross"] = ModuleCase.Of(
            () => new MultiheadAttention(8, 4, 0.3, keyWidth: 5, valueWidth: 6),
            (m, x) => Flat(m.Forward(x[0], x[1], x[2]))),
        ["attention_memory"] = ModuleCase.Of(
            () => new MultiheadAttention(8, 2, hasBias: false),
            (m, x) => Flat(m.Forward(x[0], x[1], x[1], needWeights: false))),
        ["attention_float_mask"] = ModuleCase.Of(
            () => new MultiheadAttention(8, 2),
            (m, x) => Flat(m.Forward(x[0], x[0], x[0], attentionMask: x[1]))),
        ["transformer_layer"] = ModuleCase.Of(
            () => new TransformerEncoderLayer(8, 2, new() { FeedForward = 12, Dropout = 0.2 })),
        ["transformer_layer_causal"] = ModuleCase.Of(() => new TransformerEncoderLayer(8, 2, new()
        {
            FeedForward = 12, Dropout = 0, Activation = x => x.Gelu(), BatchFirst = true, NormFirst = true,
            IsCausal = true,
        })),
        ["transformer_encoder"] = ModuleCase.Of(
            () => new TransformerEncoder(
                2,
                () => new TransformerEncoderLayer(8, 2, new() { FeedForward = 12, Dropout = 0, BatchFirst = true }),
                new LayerNorm(8)),
            (m, x) => [m.Forward(x[0], null, Padding())]),
        ["attention_pooling"] = ModuleCase.Of(
            () => new AttentionPooling(3, 5), (m, x) => Flat(m.ForwardWithWeights(x[0]))),
        ["attention_pooling_mask"] = ModuleCase.Of(
            () => new AttentionPooling(3, 5), (m, x) => Flat(m.ForwardWithWeights(x[0], Padding()))),
    };

    /// <summary>The last place of the first of two sequences of four.</summary>
    private static Tensor Padding()
    {
        Tensor mask = Torch.Zeros([2, 4], DType.Bool);
        mask[0, 3] = Torch.Scalar(true, DType.Bool);
        return mask;
    }

    private static Tensor[] Flat((Tensor Output, (Tensor Hidden, Tensor Cell) State) outputs) =>
        [outputs.Output, outputs.State.Hidden, outputs.State.Cell];

    private static Tensor[] Flat((Tensor First, Tensor? Second) outputs) =>
        outputs.Second is null ? [outputs.First] : [outputs.First, outputs.Second];
}
