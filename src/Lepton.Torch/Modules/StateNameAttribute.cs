namespace Lepton.Torch.Modules;

/// <summary>
/// The name of a field or property in the module's state, where it shall differ from the member's own name in
/// snake_case.
/// </summary>
/// <param name="name">A name without dots.</param>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class StateNameAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name => name;
}
