namespace Lepton.Torch.Native;

/// <summary>
/// Operators that change their tensor, by their places in the shim's <c>LT_UNARY_IN_PLACE_LIST</c>; a test compares the
/// two.
/// </summary>
internal enum UnaryInPlaceOperator
{
    Zero, Neg, Abs, Exp, Log, Sqrt, Rsqrt, Reciprocal, Tanh, Sigmoid, Relu, Floor, Ceil, Round, Sign, Square,
    Detach,
}
