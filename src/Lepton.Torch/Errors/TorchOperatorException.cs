namespace Lepton.Torch;

/// <summary>An operator that refused what it was given: shapes that don't fit, a dtype it has no kernel for.</summary>
public sealed class TorchOperatorException(
    string operatorName, string reason, string message, Exception? inner = null) : TorchException(message, inner)
{
    /// <summary>The operator, such as <c>aten::matmul</c>.</summary>
    public string OperatorName => operatorName;

    /// <summary>libtorch's own words.</summary>
    public string Reason => reason;
}
