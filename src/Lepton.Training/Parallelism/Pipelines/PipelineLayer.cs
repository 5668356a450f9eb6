using Lepton.Torch;
using Lepton.Torch.Modules;

namespace Lepton.Training.Parallelism;

/// <summary>A layer of a model that a pipeline may cut in front of and behind.</summary>
/// <param name="Name">Its name in the state, such as <c>h.0</c>.</param>
/// <param name="Make">
/// Makes it. Every rank makes all layers in their order, so that all draw the same first values, and keeps its own.
/// </param>
public sealed record PipelineLayer(string Name, Func<Module<Tensor, Tensor>> Make);
