namespace Lepton.Torch.Native;

/// <summary>
/// Operators that change a tensor by a number, by their places in the shim's <c>LT_BINARY_SCALAR_IN_PLACE_LIST</c>; a
/// test compares the two.
/// </summary>
internal enum BinaryScalarInPlaceOperator
{
    Mul, Div, Pow, Fmod, Remainder, ClampMin, ClampMax, Fill, LeakyRelu,
}
