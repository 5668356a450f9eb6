namespace Lepton.Training.Parallelism.Compression;

/// <summary>What a rank has sent for gradients, and how long that took, since its first step.</summary>
/// <param name="Steps">Steps whose gradients were exchanged.</param>
/// <param name="BytesSent">Bytes of gradients that this rank sent.</param>
/// <param name="BytesUncompressed">
/// What the sums of the same gradients in float32 would have had it send: 2 (n - 1) / n of their bytes, n being the
/// ranks.
/// </param>
/// <param name="CompressionTime">Packing and unpacking, beside backward as far as there is a processor for it.</param>
/// <param name="ExchangeTime">Sending, and waiting for the other ranks.</param>
public sealed record CompressionReport(
    long Steps, long BytesSent, long BytesUncompressed, TimeSpan CompressionTime, TimeSpan ExchangeTime);
