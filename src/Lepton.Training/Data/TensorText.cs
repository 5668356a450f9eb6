using Lepton.Torch;

namespace Lepton.Training.Data;

/// <summary>Tensors in messages.</summary>
internal static class TensorText
{
    /// <summary>Such as <c>float32[2, 3]</c>.</summary>
    public static string Describe(this Tensor tensor) =>
        $"{tensor.DType.Name()}[{string.Join(", ", tensor.Shape.ToArray())}]";
}
