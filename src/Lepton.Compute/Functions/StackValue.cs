namespace Lepton.Compute.Functions;

/// <summary>
/// What the analysis knows about one value on the evaluation stack. Each bit stands for one class of captured objects.
/// </summary>
/// <param name="Objects">The value may be a captured object of these classes.</param>
/// <param name="Addresses">The value may be the address of a captured variable in closures of these classes.</param>
internal readonly record struct StackValue(ulong Objects, ulong Addresses = 0)
{
    public static StackValue operator |(StackValue left, StackValue right) =>
        new(left.Objects | right.Objects, left.Addresses | right.Addresses);

    public static StackValue BitwiseOr(StackValue left, StackValue right) => left | right;
}
