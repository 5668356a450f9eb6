namespace Lepton.Training.ParameterServer.Clocks;

/// <summary>A worker's part of a step.</summary>
/// <param name="Worker">Whose gradients.</param>
/// <param name="Share">What they are multiplied by.</param>
internal readonly record struct Contribution(int Worker, double Share);
