namespace Lepton.Torch.Modules;

/// <summary>
/// Keeps a field or property out of its module's state: its module, parameter or buffer is neither trained, moved,
/// saved nor freed with it. For what belongs to somebody else, such as the teacher of a student.
/// </summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class NotStateAttribute : Attribute;
