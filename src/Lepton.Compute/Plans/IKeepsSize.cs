namespace Lepton.Compute.Plans;

/// <summary>
/// A node that makes at most one record of each that it reads, and so roughly no more bytes. Where many come of one, or
/// what a name stands for is loaded, nobody knows the size beforehand. A function of the user's may do that too, so
/// this is a guess.
/// </summary>
internal interface IKeepsSize;
