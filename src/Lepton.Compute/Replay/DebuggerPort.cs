using System.Diagnostics;

namespace Lepton.Compute.Replay;

/// <summary>The debugger of this process; another one only in tests.</summary>
internal sealed record DebuggerPort(Func<bool> IsAttached, Action Break)
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>The real one.</summary>
    public static DebuggerPort Real { get; } = new(() => Debugger.IsAttached, Debugger.Break);

    /// <summary>Waits until a debugger is attached.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public void Wait(CancellationToken cancellation)
    {
        // The runtime tells nobody of the attaching, so it has to be asked.
        while (!IsAttached())
        {
            cancellation.WaitHandle.WaitOne(AskEvery);
            cancellation.ThrowIfCancellationRequested();
        }
    }
}
