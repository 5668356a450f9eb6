namespace Lepton.Training.Parallelism;

/// <summary>What a layer takes, measured on one rank of the tensor axis and one part of a batch.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ParameterBytes">
/// Bytes of each of its parameters on this rank; gradients have as many.
/// </param>
/// <param name="ActivationBytes">
/// Bytes that forward makes, at most what is held until the part's backward is over.
/// </param>
/// <param name="OutputBytes">Bytes of its output: what goes to the next stage where the pipeline is cut here.</param>
/// <param name="TensorBytesSent">Bytes that the rank sends along the tensor axis in forward and backward.</param>
/// <param name="Seconds">Time of forward and backward.</param>
public sealed record LayerProfile(
    string Name, IReadOnlyList<long> ParameterBytes, long ActivationBytes, long OutputBytes, long TensorBytesSent,
    double Seconds);
