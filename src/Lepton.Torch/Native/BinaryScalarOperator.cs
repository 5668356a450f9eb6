namespace Lepton.Torch.Native;

/// <summary>
/// Operators of a tensor and a number, by their places in the shim's <c>LT_BINARY_SCALAR_LIST</c>; a test compares the
/// two.
/// </summary>
internal enum BinaryScalarOperator
{
    Mul, Div, Pow, Fmod, Remainder, Eq, Ne, Lt, Le, Gt, Ge, ClampMin, ClampMax, LeakyRelu, Elu, BitwiseAnd, BitwiseOr,
}
