namespace Lepton.Torch.Errors;

/// <summary>
/// Exceptions of callbacks (hooks, backward functions, stores), kept while they cross native code as a status. Each
/// surfaces in the call during which it was thrown, where that call is on the same thread.
/// </summary>
internal static class CallbackFaults
{
    [ThreadStatic]
    private static Exception? t_fault;

    /// <summary>Keeps an exception for the native call that this thread is in.</summary>
    public static int Keep(Exception fault)
    {
        t_fault = fault;
        return (int)Native.NativeStatus.Callback;
    }

    /// <summary>The exception that was kept last; null where another thread's callback failed.</summary>
    public static Exception? Take()
    {
        Exception? fault = t_fault;
        t_fault = null;
        return fault;
    }
}
