namespace Lepton.Torch.Modules;

/// <summary>Class weights as state of their loss.</summary>
internal static class ClassWeights
{
    public static ModuleBuffer? Buffer(Tensor? weight) => weight is null ? null : new ModuleBuffer(weight);
}
