using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>How far predictions are from targets, with PyTorch's defaults.</summary>
public static class LossFunctions
{
    private static readonly TorchOperator s_l1 = new("aten::l1_loss");
    private static readonly TorchOperator s_smoothL1 = new("aten::smooth_l1_loss");
    private static readonly TorchOperator s_huber = new("aten::huber_loss");
    private static readonly TorchOperator s_binary = new("aten::binary_cross_entropy");
    private static readonly TorchOperator s_divergence = new("aten::kl_div");
    private static readonly TorchOperator s_triplet = new("aten::triplet_margin_loss");
    private static readonly TorchOperator s_ranking = new("aten::margin_ranking_loss");
    private static readonly TorchOperator s_hinge = new("aten::hinge_embedding_loss");
    private static readonly TorchOperator s_cosine = new("aten::cosine_embedding_loss");
    private static readonly TorchOperator s_poisson = new("aten::poisson_nll_loss");
    private static readonly TorchOperator s_ctc = new("aten::ctc_loss.Tensor");

    /// <summary>
    /// The negative logarithm of the probability that softmax gives the target: logits [n, classes, ..] with class
    /// indices [n, ..] (int64), or with probabilities of the logits' shape.
    /// </summary>
    public static Tensor CrossEntropy(
        Tensor logits, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean,
        long ignoreIndex = -100, double labelSmoothing = 0)
    {
        int status = NativeOperators.CrossEntropy(
            logits.Handle, target.Handle, OperatorCalls.HandleOf(weight), (int)reduction, ignoreIndex,
            labelSmoothing, out nint result);
        return OperatorCalls.Made(status, result, "aten::cross_entropy_loss", logits, target, weight);
    }

    /// <summary>As <see cref="CrossEntropy"/>, of logarithms of probabilities.</summary>
    public static Tensor NllLoss(
        Tensor logProbabilities, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean,
        long ignoreIndex = -100)
    {
        int status = NativeOperators.NllLoss(
            logProbabilities.Handle, target.Handle, OperatorCalls.HandleOf(weight), (int)reduction, ignoreIndex,
            out nint result);
        return OperatorCalls.Made(status, result, "aten::nll_loss_nd", logProbabilities, target, weight);
    }

    /// <summary>Squared differences.</summary>
    public static Tensor MseLoss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean)
    {
        int status = NativeOperators.MseLoss(input.Handle, target.Handle, (int)reduction, out nint result);
        return OperatorCalls.Made(status, result, "aten::mse_loss", input, target);
    }

    /// <summary>Absolute differences.</summary>
    public static Tensor L1Loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
        s_l1.Call(input, target, (int)reduction);

    /// <summary>Squared differences below <paramref name="beta"/>, absolute ones above.</summary>
    public static Tensor SmoothL1Loss(
        Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1) =>
        s_smoothL1.Call(input, target, (int)reduction, beta);

    /// <summary>Huber's loss: squared differences below <paramref name="delta"/>, absolute ones above.</summary>
    public static Tensor HuberLoss(
        Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double delta = 1) =>
        s_huber.Call(input, target, (int)reduction, delta);

    /// <summary>The cross entropy of probabilities of yes.</summary>
    public static Tensor BinaryCrossEntropy(
        Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
        s_binary.Call(input, target, weight, (int)reduction);

    /// <summary>The cross entropy of logits of yes, without overflow.</summary>
    public static Tensor BinaryCrossEntropyWithLogits(
        Tensor input, Tensor target, Tensor? weight = null, Tensor? positiveWeight = null,
        Reduction reduction = Reduction.Mean)
    {
        int status = NativeOperators.BceWithLogits(
            input.Handle, target.Handle, OperatorCalls.HandleOf(weight), OperatorCalls.HandleOf(positiveWeight),
            (int)reduction, out nint result);
        return OperatorCalls.Made(
            status, result, "aten::binary_cross_entropy_with_logits", input, target, weight, positiveWeight);
    }

    /// <summary>The Kullback-Leibler divergence; the input, and the target if it says so, are logarithms.</summary>
    public static Tensor KlDivergence(
        Tensor input, Tensor target, Reduction reduction = Reduction.Mean, bool logTarget = false) =>
        s_divergence.Call(input, target, (int)reduction, TorchValue.Named("log_target", logTarget));

    /// <summary>That the anchor lies nearer to the positive than to the negative, by a margin.</summary>
    public static Tensor TripletMarginLoss(
        Tensor anchor, Tensor positive, Tensor negative, double margin = 1, double p = 2,
        Reduction reduction = Reduction.Mean) =>
        s_triplet.Call(anchor, positive, negative, margin, p, 1e-6, false, (int)reduction);

    /// <summary>That the first ranks above the second where the target is 1, below where it is -1.</summary>
    public static Tensor MarginRankingLoss(
        Tensor first, Tensor second, Tensor target, double margin = 0, Reduction reduction = Reduction.Mean) =>
        s_ranking.Call(first, second, target, margin, (int)reduction);

    /// <summary>Distances: themselves where the target is 1, the margin less them where it is -1.</summary>
    public static Tensor HingeEmbeddingLoss(
        Tensor input, Tensor target, double margin = 1, Reduction reduction = Reduction.Mean) =>
        s_hinge.Call(input, target, margin, (int)reduction);

    /// <summary>By the cosine of two tensors' angle; the target is 1 or -1.</summary>
    public static Tensor CosineEmbeddingLoss(
        Tensor first, Tensor second, Tensor target, double margin = 0, Reduction reduction = Reduction.Mean) =>
        s_cosine.Call(first, second, target, margin, (int)reduction);

    /// <summary>The negative log-likelihood of a Poisson distribution.</summary>
    public static Tensor PoissonNllLoss(
        Tensor input, Tensor target, bool logInput = true, bool full = false, double epsilon = 1e-8,
        Reduction reduction = Reduction.Mean) =>
        s_poisson.Call(input, target, logInput, full, epsilon, (int)reduction);

    /// <summary>Connectionist temporal classification: log-probabilities [time, n, classes].</summary>
    public static Tensor CtcLoss(
        Tensor logProbabilities, Tensor targets, Tensor inputLengths, Tensor targetLengths, long blank = 0,
        Reduction reduction = Reduction.Mean, bool zeroInfinity = false) =>
        s_ctc.Call(logProbabilities, targets, inputLengths, targetLengths, blank, (int)reduction, zeroInfinity);
}
