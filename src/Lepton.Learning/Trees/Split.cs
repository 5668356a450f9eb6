namespace Lepton.Learning;

/// <summary>The best split found so far in a node. Rows whose rank is at most <see cref="LowerRank"/> go
/// left.</summary>
/// <param name="Feature">The feature; −1 when no split was found.</param>
/// <param name="LowerRank">The largest rank on the left.</param>
/// <param name="UpperRank">The smallest rank on the right.</param>
/// <param name="Score">Σ over both sides of squared class weights / weight; larger is purer.</param>
internal readonly record struct Split(int Feature, int LowerRank, int UpperRank, double Score)
{
    internal static Split None => new(-1, 0, 0, double.NegativeInfinity);

    internal bool Found => Feature >= 0;
}
