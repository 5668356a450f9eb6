namespace Lepton.Torch.Modules;

/// <summary>A module and where it is in its model.</summary>
/// <param name="Name">Its path, such as <c>encoder.layers.0</c>; empty for the model itself.</param>
/// <param name="Module">The module.</param>
public readonly record struct NamedModule(string Name, Module Module);
