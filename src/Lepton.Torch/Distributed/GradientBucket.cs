namespace Lepton.Torch.Distributed;

/// <summary>
/// Gradients that are reduced together, as a communication hook gets them. Its tensors are freed when the hook returns,
/// unless the result holds them.
/// </summary>
/// <param name="Index">Which bucket of the step it is, from 0.</param>
/// <param name="IsLast">Whether it is the step's last.</param>
/// <param name="Buffer">This rank's gradients, flat, and not divided by the number of ranks.</param>
/// <param name="Parameters">The parameters that they belong to, in the buffer's order, without gaps.</param>
/// <param name="Places">
/// Where each of them stands among the reducer's. Buckets are made anew after the first step, so what is remembered of
/// gradients is remembered by these.
/// </param>
public sealed record GradientBucket(
    long Index, bool IsLast, Tensor Buffer, IReadOnlyList<Tensor> Parameters, IReadOnlyList<int> Places);
