namespace Lepton.Torch.Distributed;

/// <summary>
/// Gradients that are reduced together, as a communication hook gets them. Its tensors are freed when the hook returns,
/// unless the result holds them.
/// </summary>
/// <param name="Index">Which bucket of the step it is, from 0.</param>
/// <param name="IsLast">Whether it is the step's last.</param>
/// <param name="Buffer">This rank's gradients, flat, and not divided by the number of ranks.</param>
/// <param name="Parameters">The parameters that they belong to, in the buffer's order.</param>
public sealed record GradientBucket(long Index, bool IsLast, Tensor Buffer, IReadOnlyList<Tensor> Parameters);
