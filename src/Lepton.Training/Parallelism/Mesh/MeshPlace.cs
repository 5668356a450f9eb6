namespace Lepton.Training.Parallelism;

/// <summary>A rank's place on a mesh, each from 0.</summary>
/// <param name="Data">Which samples are its own.</param>
/// <param name="Tensor">Which part of each layer.</param>
/// <param name="Pipeline">Which layers.</param>
public readonly record struct MeshPlace(int Data, int Tensor, int Pipeline);
