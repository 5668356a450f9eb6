namespace Lepton.Torch.Optimizers;

/// <summary>What <see cref="Adam"/> and <see cref="AdamW"/> share (Kingma and Ba, "Adam", algorithm 1).</summary>
internal static class AdamStep
{
    private const int Mean = 0;
    private const int SquareMean = 1;
    private const int SquareMeanMax = 2;

    /// <summary>PyTorch's names of what is remembered.</summary>
    public static string[] SlotNames => ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"];

    public static int SlotsNeeded(ParameterGroup group) => ((AdamOptions)group.Options).Amsgrad ? 3 : 2;

    public static void Apply(ParameterGroup group, OptimizerEntry entry, nint parameter, nint gradient)
    {
        var options = (AdamOptions)group.Options;
        double beta1 = group.Momentum;
        nint mean = entry.SlotOrZeros(Mean);
        nint square = entry.SlotOrZeros(SquareMean);
        StepCalls.MultiplyInPlace(mean, beta1);
        StepCalls.AddInPlace(mean, gradient, 1 - beta1);
        StepCalls.MultiplyInPlace(square, options.Beta2);
        StepCalls.AddCMulInPlace(square, gradient, gradient, 1 - options.Beta2);
        if (options.Amsgrad)
        {
            nint largest = entry.SlotOrZeros(SquareMeanMax);
            StepCalls.MaximumInPlace(largest, square);
            square = largest;
        }

        double step = entry.Steps;
        double size = group.LearningRate / (1 - Math.Pow(beta1, step));
        nint divisor = StepCalls.Sqrt(square);
        try
        {
            StepCalls.DivideInPlace(divisor, Math.Sqrt(1 - Math.Pow(options.Beta2, step)));
            StepCalls.AddInPlace(divisor, options.Epsilon);
            StepCalls.AddCDivInPlace(parameter, mean, divisor, -size);
        }
        finally
        {
            StepCalls.Release(divisor);
        }
    }
}
