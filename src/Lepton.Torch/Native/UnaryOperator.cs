namespace Lepton.Torch.Native;

/// <summary>
/// Operators of one tensor, by their places in the shim's <c>LT_UNARY_LIST</c>; a test compares the two.
/// </summary>
internal enum UnaryOperator
{
    Abs, Neg, Exp, ExpM1, Log, Log1P, Log2, Sqrt, Rsqrt, Square, Reciprocal, Sin, Cos, Tanh, Sigmoid, Relu, Silu,
    Mish, Hardswish, Hardsigmoid, LogSigmoid, Erf, Floor, Ceil, Round, Sign, IsNaN, IsFinite, LogicalNot, Detach,
    Clone, Contiguous, T, Alias, Sum, Mean, Max, Min, ArgMax, ArgMin, All, Any, Prod, Std, Nonzero, ZerosLike,
    OnesLike, EmptyLike, RandLike, RandnLike, Selu, Softplus, Inverse, Trace, ViewAsReal, ViewAsComplex,
}
