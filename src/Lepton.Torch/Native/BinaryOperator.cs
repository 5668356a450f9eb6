namespace Lepton.Torch.Native;

/// <summary>
/// Operators of two tensors, by their places in the shim's <c>LT_BINARY_LIST</c>; a test compares the two.
/// </summary>
internal enum BinaryOperator
{
    Mul, Div, MatMul, Mm, Bmm, Mv, Dot, Pow, Maximum, Minimum, Fmod, Remainder, Atan2, Eq, Ne, Lt, Le, Gt, Ge,
    LogicalAnd, LogicalOr, LogicalXor, BitwiseAnd, BitwiseOr, BitwiseXor, MaskedSelect, Outer, Take, Prelu,
}
