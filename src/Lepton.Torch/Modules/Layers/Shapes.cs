namespace Lepton.Torch.Modules;

/// <summary>Checks of shapes, where libtorch's own words would not tell what was wanted.</summary>
internal static class Shapes
{
    /// <summary>Requires a number of dimensions.</summary>
    /// <param name="tensor">What a layer got.</param>
    /// <param name="dimensions">How many it wants.</param>
    /// <param name="wanted">What they are.</param>
    /// <param name="layer">Who wants them.</param>
    public static void Require(Tensor tensor, int dimensions, string wanted, string layer)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.Dimensions != dimensions)
        {
            throw Unfit(layer, tensor, wanted);
        }
    }

    /// <summary>Requires a size of the last dimension.</summary>
    public static void RequireLast(Tensor tensor, long size, string layer)
    {
        if (tensor.Dimensions == 0 || tensor.Size(-1) != size)
        {
            throw Unfit(layer, tensor, $"[.., {size}]");
        }
    }

    /// <summary>The exception of a shape that does not fit.</summary>
    public static TorchOperatorException Unfit(string layer, Tensor tensor, string wanted)
    {
        string reason = $"{wanted} was expected";
        return new TorchOperatorException(layer, reason, $"{layer}({tensor.Signature}) failed: {reason}.");
    }
}
