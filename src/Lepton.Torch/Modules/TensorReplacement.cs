namespace Lepton.Torch.Modules;

/// <summary>
/// Gives a tensor other elements, dtype or device while it stays the same object, as PyTorch's <c>tensor.data = x</c>:
/// optimizers and reducers keep their hold on it.
/// </summary>
internal static class TensorReplacement
{
    private static readonly TorchOperator s_setData = new("aten::set_data");

    /// <summary>Converts a tensor and its gradient.</summary>
    public static void Convert(Tensor tensor, Func<Tensor, Tensor> conversion)
    {
        using var scope = new TensorScope();
        using var noGrad = Torch.NoGrad();
        Tensor? gradient = tensor.Grad;
        Tensor converted = conversion(tensor.Detach());
        if (gradient is not null)
        {
            // libtorch refuses data that the gradient does not fit.
            tensor.Grad = null;
        }

        s_setData.Run(tensor, converted);
        if (gradient is not null)
        {
            tensor.Grad = conversion(gradient);
        }
    }
}
