using Lepton.Compute.Execution;

namespace Lepton.Compute.Replay;

/// <summary>
/// One link of the chain of exceptions that a task ended with: the full name of its type, and its message.
/// </summary>
internal sealed record ReplayError(string Type, string Message)
{
    /// <summary>The exception and those inside it, outermost first.</summary>
    public static ReplayError[] Chain(Exception thrown)
    {
        var chain = new List<ReplayError>();
        for (Exception? e = thrown; e is not null; e = e.InnerException)
        {
            chain.Add(Of(e));
        }

        return [.. chain];
    }

    /// <summary>
    /// The type and message as they were on the worker, also where this process does not know the type.
    /// </summary>
    public static ReplayError Of(Exception thrown) =>
        thrown is RemoteException remote
            ? new ReplayError(remote.TypeName, OwnMessage(remote))
            : new ReplayError(thrown.GetType().FullName ?? thrown.GetType().Name, thrown.Message);

    // Its message begins with the type's name and a colon.
    private static string OwnMessage(RemoteException remote) =>
        remote.Message[Math.Min(remote.Message.Length, remote.TypeName.Length + 2)..];
}
