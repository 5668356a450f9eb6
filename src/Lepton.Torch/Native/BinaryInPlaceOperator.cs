namespace Lepton.Torch.Native;

/// <summary>
/// Operators that change the first of two tensors, by their places in the shim's <c>LT_BINARY_IN_PLACE_LIST</c>; a test
/// compares the two.
/// </summary>
internal enum BinaryInPlaceOperator
{
    Mul, Div, Pow, Fmod, Remainder, LogicalAnd, LogicalOr, BitwiseAnd, BitwiseOr, Copy,
}
