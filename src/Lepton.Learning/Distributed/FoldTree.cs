namespace Lepton.Learning;

/// <summary>A tree with the fold that its forest is judged on.</summary>
internal sealed record FoldTree(int Fold, GrownTree Grown);
