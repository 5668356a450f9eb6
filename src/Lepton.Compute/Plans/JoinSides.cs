namespace Lepton.Compute.Plans;

/// <summary>The records of one key on both sides of a join.</summary>
internal sealed class JoinSides<TLeft, TRight>
{
    public List<TLeft> Left { get; init; } = [];

    public List<TRight> Right { get; init; } = [];

    public static JoinSides<TLeft, TRight> Append(JoinSides<TLeft, TRight> first, JoinSides<TLeft, TRight> second)
    {
        first.Left.AddRange(second.Left);
        first.Right.AddRange(second.Right);
        return first;
    }
}
