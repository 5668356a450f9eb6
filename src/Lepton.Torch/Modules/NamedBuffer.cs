namespace Lepton.Torch.Modules;

/// <summary>A buffer and where it is in its model.</summary>
/// <param name="Name">Its path, such as <c>norm1.running_mean</c>.</param>
/// <param name="Buffer">The buffer.</param>
public readonly record struct NamedBuffer(string Name, ModuleBuffer Buffer);
