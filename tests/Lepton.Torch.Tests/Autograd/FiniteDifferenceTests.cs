namespace Lepton.Torch.Tests.Autograd;

/// <summary>
/// Gradients against differences: (f(x + h) - f(x - h)) / 2h, element by element, in double precision.
/// </summary>
public sealed class FiniteDifferenceTests : TorchTest
{
    private const double Step = 1e-6;

    private static readonly Dictionary<string, Func<Tensor, Tensor>> s_functions = new()
    {
        ["exp"] = static x => x.Exp(),
        ["log"] = static x => (x.Square() + 1).Log(),
        ["sqrt"] = static x => (x.Square() + 0.5).Sqrt(),
        ["sigmoid"] = static x => x.Sigmoid(),
        ["gelu"] = static x => x.Gelu(),
        ["gelu by tanh"] = static x => x.Gelu(byTanh: true),
        ["silu"] = static x => x.Silu(),
        ["softplus"] = static x => x.Softplus(),
        ["elu"] = static x => x.Elu(),
        ["pow"] = static x => (x.Square() + 1).Pow(1.5),
        ["power of 2"] = static x => x.PowFrom(2),
        ["reciprocal"] = static x => 1.0 / (x.Square() + 1),
        ["matmul"] = static x => x.MatMul(x.T()),
        ["softmax"] = static x => x.Softmax(-1),
        ["log softmax"] = static x => x.LogSoftmax(0),
        ["log sum exp"] = static x => x.LogSumExp(1),
        ["layer norm"] = static x => Functional.LayerNorm(x, [4]),
        ["batch norm"] = static x => Functional.BatchNorm(x, null, null, training: true),
        ["group norm"] = static x => Functional.GroupNorm(x.View(1, 4, 3), 2),
        ["linear"] = static x => Functional.Linear(x, x[..2], x[0, ..2]),
        ["convolution"] = static x => Convolutions.Conv1d(x.View(1, 3, 4), x.View(2, 3, 2)),
        ["convolution 2d"] = static x => Convolutions.Conv2d(x.View(1, 1, 3, 4), x[..2, ..2].View(1, 1, 2, 2)),
        ["average pool"] = static x => Convolutions.AvgPool2d(x.View(1, 1, 3, 4), [2]),
        ["max pool"] = static x => Convolutions.MaxPool2d(x.View(1, 1, 3, 4), [2]),
        ["cross entropy"] = static x => LossFunctions.CrossEntropy(x, Torch.From(0L, 3L, 1L)),
        ["mean squares"] = static x => LossFunctions.MseLoss(x, x.Roll(1, 1)),
        ["huber"] = static x => LossFunctions.HuberLoss(x * 3, Torch.ZerosLike(x)),
        ["binary logits"] = static x => LossFunctions.BinaryCrossEntropyWithLogits(
            x, Torch.Full([3, 4], 0.3, DType.Float64)),
        ["slices"] = static x => x[1.., ^2..] * x[..2, ..2],
        ["gather"] = static x => x.Gather(1, Torch.From<long>([0, 1, 2, 2, 2, 0], [3, 2])),
        ["embedding"] = static x => Functional.Embedding(x, Torch.From(2L, 0L, 2L)),
        ["where"] = static x => (x > 0).Where(x.Square(), x * 3),
        ["cat and stack"] = static x => Torch.Cat([x, x * x], 1).Sum(0) * Torch.Stack([x, x], 0).Sum([0, 1]).Repeat(2),
        ["norm"] = static x => x.Norm(2, [1]),
        ["variance"] = static x => x.Variance([0]),
        ["cumulative sum"] = static x => x.CumSum(1) * x,
        ["masked fill"] = static x => x.MaskedFill(x > 0.5, 2) * x,
        ["einsum"] = static x => TensorProducts.EinSum("ij,kj->ik", x, x),
        ["addcmul"] = static x => x.AddCMul(x, x, 0.5).AddCDiv(x, x.Square() + 1, 2),
        ["lerp"] = static x => x.Lerp(x * x, 0.3),
        ["clamp"] = static x => x.Clamp(-0.7, 0.7) * x,
        ["lstm"] = static x => RecurrentFunctions.Lstm(
            x.View(3, 1, 4), Torch.Zeros([1, 1, 1], DType.Float64), Torch.Zeros([1, 1, 1], DType.Float64),
            [x[0..1].Repeat(4, 1), x[1..2, ..1].Repeat(4, 1)], false, 1, 0, true, false, false).Output,
        ["gru"] = static x => RecurrentFunctions.Gru(
            x.View(3, 1, 4), Torch.Zeros([1, 1, 1], DType.Float64),
            [x[0..1].Repeat(3, 1), x[1..2, ..1].Repeat(3, 1)], false, 1, 0, true, false, false).Output,
    };

    public static TheoryData<string> Names => [.. s_functions.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Backward_Function_IsTheLimitOfDifferences(string name)
    {
        Func<Tensor, Tensor> function = s_functions[name];
        Tensor x = Torch.Randn([3, 4], DType.Float64, generator: Generator.FromSeed(5));
        x.RequiresGrad = true;
        Tensor weights = Torch.Randn(function(x).Shape, DType.Float64, generator: Generator.FromSeed(6));

        (function(x) * weights).Sum().Backward();
        double[] found = x.Grad!.ToArray<double>();

        double[] point = x.ToArray<double>();
        for (int i = 0; i < point.Length; i++)
        {
            using var scope = new TensorScope();
            double slope = (At(+Step) - At(-Step)) / (2 * Step);
            Assert.True(
                Math.Abs(slope - found[i]) <= 1e-5 * Math.Max(1, Math.Abs(slope)),
                $"element {i}: the difference is {slope}, the gradient {found[i]}");

            double At(double step)
            {
                double[] moved = [.. point];
                moved[i] += step;
                return (function(Torch.From<double>(moved, [3, 4])) * weights).Sum().ToDouble();
            }
        }
    }
}
