namespace Lepton.Learning;

/// <summary>A tree of a forest with its place in it: what one task gives and the merge takes.</summary>
/// <param name="Index">Its number in the forest, from 0; with the forest's seed it decides how the tree is
/// grown.</param>
/// <param name="Tree">The tree.</param>
public sealed record GrownTree(int Index, DecisionTree Tree);
