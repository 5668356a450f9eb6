using Lepton.Torch.Modules;

namespace Lepton.Torch.Tests.Golden;

public sealed class LossGoldenTests : TorchTest
{
    private const string File = "losses.safetensors";
    private const int Steps = 10;

    private static readonly Dictionary<string, Func<Module>> s_cases = new()
    {
        ["cross_entropy"] = () => new CrossEntropyLoss(),
        ["cross_entropy_weights"] = () => new CrossEntropyLoss(Weights()),
        ["cross_entropy_smooth"] = () => new CrossEntropyLoss(Weights(), ignoreIndex: 2, labelSmoothing: 0.1),
        ["cross_entropy_none"] = () => new CrossEntropyLoss(Weights(), Reduction.None),
        ["cross_entropy_probabilities"] = () => new CrossEntropyLoss(Weights(), Reduction.Sum),
        ["nll"] = () => new NLLLoss(Weights()),
        ["mse"] = () => new MSELoss(),
        ["mse_sum"] = () => new MSELoss(Reduction.Sum),
        ["l1"] = () => new L1Loss(),
        ["smooth_l1"] = () => new SmoothL1Loss(0.5),
        ["huber"] = () => new HuberLoss(0.7),
        ["bce"] = () => new BCELoss(Weights()),
        ["bce_logits"] = () => new BCEWithLogitsLoss(),
        ["bce_logits_weights"] = () => new BCEWithLogitsLoss(
            Torch.From<float>([0.5f], [1, 1]), positiveWeight: Weights()),
        ["kl_div"] = () => new KLDivLoss(),
        ["kl_div_batch"] = () => new KLDivLoss(logTarget: true, meanOfBatch: true),
        ["poisson_nll"] = () => new PoissonNLLLoss(full: true),
        ["hinge_embedding"] = () => new HingeEmbeddingLoss(),
        ["margin_ranking"] = () => new MarginRankingLoss(0.3),
        ["cosine_embedding"] = () => new CosineEmbeddingLoss(0.2),
        ["triplet_margin"] = () => new TripletMarginLoss(0.8),
    };

    public static TheoryData<string> Names => [.. s_cases.Keys];

    [Fact]
    public void Cases_OfTheFile_AreThoseOfTheTests()
    {
        using GoldenFile golden = GoldenFile.Open(File);

        Assert.Equal(golden.Cases.Order(StringComparer.Ordinal), s_cases.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Loss_SameInputs_ComputesAndLearnsTheSame(string name)
    {
        using GoldenFile golden = GoldenFile.Open(File);
        using Module loss = s_cases[name]();
        golden.Compare($"{name}/state", loss.StateDict());
        Tensor[] inputs = golden.List($"{name}/in");
        inputs[0].RequiresGrad = true;

        for (int step = 0; step < Steps; step++)
        {
            Tensor value = Call(loss, inputs);
            inputs[0].Grad = null;
            Weighed(value).Backward();
            if (step == 0)
            {
                golden.Compare($"{name}/out", value);
                golden.Compare($"{name}/grad_in", inputs[0].Grad!);
            }

            using (Torch.NoGrad())
            {
                inputs[0].AddInPlace(inputs[0].Grad!, -0.01);
            }
        }

        golden.Compare($"{name}/after", inputs[0]);
        TestContext.Current.TestOutputHelper?.WriteLine($"largest relative difference: {golden.LargestDifference:g3}");
    }

    private static Tensor Call(Module loss, Tensor[] inputs) => loss switch
    {
        Loss two => two.Forward(inputs[0], inputs[1]),
        MarginRankingLoss ranking => ranking.Forward(inputs[0], inputs[1], inputs[2]),
        CosineEmbeddingLoss angles => angles.Forward(inputs[0], inputs[1], inputs[2]),
        _ => ((TripletMarginLoss)loss).Forward(inputs[0], inputs[1], inputs[2]),
    };

    private static Tensor Weighed(Tensor value) =>
        (value * Torch.Arange(0, value.ElementCount, dtype: value.DType).Cos().View(value.Shape)).Sum();

    private static Tensor Weights() => Vector(0.5f, 1, 2, 4);
}
