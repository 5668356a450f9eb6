namespace Lepton.Compute.Execution;

/// <summary>An exception of a worker whose type this process does not know.</summary>
public sealed class RemoteException(string typeName, string message, Exception? inner = null)
    : Exception($"{typeName}: {message}", inner)
{
    /// <summary>The full name of the exception's type on the worker.</summary>
    public string TypeName { get; } = typeName;
}
