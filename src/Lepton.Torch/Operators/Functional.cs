using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>
/// The operators of neural networks without state of their own, as PyTorch's <c>torch.nn.functional</c>: layers,
/// normalisation, dropout, embeddings. Losses are in <see cref="LossFunctions"/>, convolutions and pooling in
/// <see cref="Convolutions"/>, recurrent networks in <see cref="RecurrentFunctions"/>; functions of one tensor in
/// <see cref="TensorFunctions"/>.
/// </summary>
public static class Functional
{
    private static readonly TorchOperator s_embeddingBag = new("aten::embedding_bag");
    private static readonly TorchOperator s_oneHot = new("aten::one_hot");
    private static readonly TorchOperator s_bilinear = new("aten::bilinear");
    private static readonly TorchOperator s_instanceNorm = new("aten::instance_norm");
    private static readonly TorchOperator s_pad = new("aten::constant_pad_nd");
    private static readonly TorchOperator s_glu = new("aten::glu");
    private static readonly TorchOperator s_prelu = new("aten::prelu");
    private static readonly TorchOperator s_featureDropout = new("aten::feature_dropout");
    private static readonly TorchOperator s_dropoutInPlace = new("aten::dropout_");
    private static readonly TorchOperator s_cosine = new("aten::cosine_similarity");

    /// <summary>x times the transposed weight, plus bias: [.., in] with [out, in] is [.., out].</summary>
    public static Tensor Linear(Tensor x, Tensor weight, Tensor? bias = null)
    {
        int status = NativeOperators.Linear(
            x.Handle, weight.Handle, OperatorCalls.HandleOf(bias), out nint result);
        return OperatorCalls.Made(status, result, "aten::linear", x, weight, bias);
    }

    /// <summary>x1 weight x2 for each output: [.., in1], [.., in2] with [out, in1, in2] is [.., out].</summary>
    public static Tensor Bilinear(Tensor x1, Tensor x2, Tensor weight, Tensor? bias = null) =>
        s_bilinear.Call(x1, x2, weight, bias);

    /// <summary>exp(x) divided by its sum along a dimension.</summary>
    public static Tensor Softmax(this Tensor x, int dimension, DType? dtype = null)
    {
        int status = NativeOperators.Softmax(
            x.Handle, dimension, TensorReductions.Number(dtype), out nint result);
        return OperatorCalls.Made(status, result, "aten::softmax", x);
    }

    /// <summary>The logarithm of <see cref="Softmax"/>, without overflow.</summary>
    public static Tensor LogSoftmax(this Tensor x, int dimension, DType? dtype = null)
    {
        int status = NativeOperators.LogSoftmax(
            x.Handle, dimension, TensorReductions.Number(dtype), out nint result);
        return OperatorCalls.Made(status, result, "aten::log_softmax", x);
    }

    /// <summary>Zeros a random share of the elements and scales the others so that the mean stays.</summary>
    public static Tensor Dropout(Tensor x, double p = 0.5, bool training = true)
    {
        int status = NativeOperators.Dropout(x.Handle, p, training ? 1 : 0, out nint result);
        return OperatorCalls.Made(status, result, "aten::dropout", x);
    }

    /// <summary><see cref="Dropout"/> within the tensor.</summary>
    /// <returns>The same tensor.</returns>
    public static Tensor DropoutInPlace(Tensor x, double p = 0.5, bool training = true)
    {
        s_dropoutInPlace.Run(x, p, training);
        return x;
    }

    /// <summary>Dropout of whole channels: [n, c, ..].</summary>
    public static Tensor FeatureDropout(Tensor x, double p = 0.5, bool training = true) =>
        s_featureDropout.Call(x, p, training);

    /// <summary>Mean 0 and variance 1 over the last dimensions, whose shape is given; then weight and bias.</summary>
    public static unsafe Tensor LayerNorm(
        Tensor x, ReadOnlySpan<long> shape, Tensor? weight = null, Tensor? bias = null, double epsilon = 1e-5)
    {
        fixed (long* pointer = shape)
        {
            int status = NativeOperators.LayerNorm(
                x.Handle, pointer, shape.Length, OperatorCalls.HandleOf(weight), OperatorCalls.HandleOf(bias),
                epsilon, out nint result);
            return OperatorCalls.Made(status, result, "aten::layer_norm", x, weight, bias);
        }
    }

    /// <summary>
    /// Mean 0 and variance 1 for each channel of [n, c, ..], by the batch in training, by the running values otherwise.
    /// </summary>
    public static Tensor BatchNorm(
        Tensor x, Tensor? runningMean, Tensor? runningVariance, Tensor? weight = null, Tensor? bias = null,
        bool training = false, double momentum = 0.1, double epsilon = 1e-5)
    {
        int status = NativeOperators.BatchNorm(
            x.Handle, OperatorCalls.HandleOf(weight), OperatorCalls.HandleOf(bias),
            OperatorCalls.HandleOf(runningMean), OperatorCalls.HandleOf(runningVariance), training ? 1 : 0, momentum,
            epsilon, out nint result);
        return OperatorCalls.Made(
            status, result, "aten::batch_norm", x, weight, bias, runningMean, runningVariance);
    }

    /// <summary>Mean 0 and variance 1 for each sample's groups of channels.</summary>
    public static Tensor GroupNorm(
        Tensor x, long groups, Tensor? weight = null, Tensor? bias = null, double epsilon = 1e-5)
    {
        int status = NativeOperators.GroupNorm(
            x.Handle, groups, OperatorCalls.HandleOf(weight), OperatorCalls.HandleOf(bias), epsilon,
            out nint result);
        return OperatorCalls.Made(status, result, "aten::group_norm", x, weight, bias);
    }

    /// <summary>Mean 0 and variance 1 for each sample's channels.</summary>
    public static Tensor InstanceNorm(
        Tensor x, Tensor? runningMean = null, Tensor? runningVariance = null, Tensor? weight = null,
        Tensor? bias = null, bool useInputStatistics = true, double momentum = 0.1, double epsilon = 1e-5) =>
        s_instanceNorm.Call(
            x, weight, bias, runningMean, runningVariance, useInputStatistics, momentum, epsilon, false);

    /// <summary>The rows of a table at indices (int64): [..] with [n, width] is [.., width].</summary>
    /// <param name="table">The table.</param>
    /// <param name="index">Row numbers.</param>
    /// <param name="padding">A row that gets no gradient; null for none.</param>
    /// <param name="scaleByFrequency">Whether gradients are divided by how often a row is asked for.</param>
    /// <param name="sparse">Whether the table's gradient is a sparse tensor.</param>
    public static Tensor Embedding(
        Tensor table, Tensor index, long? padding = null, bool scaleByFrequency = false, bool sparse = false)
    {
        int status = NativeOperators.Embedding(
            table.Handle, index.Handle, padding ?? -1, scaleByFrequency ? 1 : 0, sparse ? 1 : 0, out nint result);
        return OperatorCalls.Made(status, result, "aten::embedding", table, index);
    }

    /// <summary>
    /// Sums (mode 0), means (1) or maxima (2) of bags of rows; a bag ends where the next offset is.
    /// </summary>
    public static Tensor EmbeddingBag(
        Tensor table, Tensor index, Tensor offsets, int mode = 1, Tensor? perSampleWeights = null)
    {
        TorchValue[] results = s_embeddingBag.CallAll(table, index, offsets, false, mode, false, perSampleWeights);
        for (int i = 1; i < results.Length; i++)
        {
            results[i].ToTensor().Dispose();
        }

        return results[0].ToTensor();
    }

    /// <summary>Ones at the indices, zeros elsewhere: [..] is [.., classes].</summary>
    public static Tensor OneHot(Tensor index, long classes = -1) => s_oneHot.Call(index, classes);

    /// <summary>Adds constant elements: counts before and after each dimension, the last dimension first.</summary>
    public static Tensor Pad(Tensor x, ReadOnlySpan<long> counts, double value = 0) =>
        s_pad.Call(x, counts.ToArray(), value);

    /// <summary>One half times the sigmoid of the other.</summary>
    public static Tensor Glu(Tensor x, int dimension = -1) => s_glu.Call(x, dimension);

    /// <summary>x where it is positive, weight x elsewhere; one weight, or one for each channel.</summary>
    public static Tensor Prelu(Tensor x, Tensor weight) => s_prelu.Call(x, weight);

    /// <summary>The cosine of the angle between two tensors along a dimension.</summary>
    public static Tensor CosineSimilarity(Tensor x1, Tensor x2, int dimension = 1, double epsilon = 1e-8) =>
        s_cosine.Call(x1, x2, dimension, epsilon);
}
