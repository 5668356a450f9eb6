namespace Lepton.Compute.Functions;

/// <summary>A worker has not the same build of an assembly as the driver, or none at all.</summary>
public sealed class ModuleMismatchException : Exception
{
    internal ModuleMismatchException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
