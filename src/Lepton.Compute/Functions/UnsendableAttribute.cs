namespace Lepton.Compute.Functions;

/// <summary>
/// A class of Lepton that must never be captured by a function that is sent, with the reason and the advice.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
internal sealed class UnsendableAttribute(string reason) : Attribute
{
    /// <summary>Whole sentences: why it can't be sent, and what to do instead.</summary>
    public string Reason { get; } = reason;
}
