namespace Lepton.Torch;

/// <summary>A device, or the machine, had no room for a tensor.</summary>
public sealed class TorchMemoryException(string operatorName, string message) : TorchException(message)
{
    /// <summary>The operator that asked for memory.</summary>
    public string OperatorName => operatorName;
}
