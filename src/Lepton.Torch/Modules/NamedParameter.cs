namespace Lepton.Torch.Modules;

/// <summary>A parameter and where it is in its model.</summary>
/// <param name="Name">Its path, such as <c>encoder.layers.0.linear1.weight</c>.</param>
/// <param name="Parameter">The parameter.</param>
public readonly record struct NamedParameter(string Name, Parameter Parameter);
