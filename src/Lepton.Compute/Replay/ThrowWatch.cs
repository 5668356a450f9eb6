using System.Runtime.ExceptionServices;

namespace Lepton.Compute.Replay;

/// <summary>
/// Stops an attached debugger where user code throws, while its frames and locals are still there: at a throw that
/// looks like the recorded one, also where a library or the engine would catch and wrap it; and else at the throw that
/// ends the task.
/// </summary>
internal sealed class ThrowWatch : IDisposable
{
    private readonly ReplayError[] _recorded;
    private readonly DebuggerPort _debugger;
    private Exception? _shown;

    public ThrowWatch(ReplayError[] recorded, DebuggerPort debugger)
    {
        _recorded = recorded;
        _debugger = debugger;
        AppDomain.CurrentDomain.FirstChanceException += OnThrow;
    }

    /// <summary>For the filter of the outermost catch: runs before the stack is unwound. Always true.</summary>
    public bool Catch(Exception e)
    {
        if (!Contains(e, Volatile.Read(ref _shown)))
        {
            Show(e);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => AppDomain.CurrentDomain.FirstChanceException -= OnThrow;

    private void OnThrow(object? sender, FirstChanceExceptionEventArgs args)
    {
        // The innermost one is what user code threw; those around it only report it. A rethrow is no news.
        if (_recorded.Length > 0 && !ReferenceEquals(args.Exception, Volatile.Read(ref _shown))
            && ReplayError.Of(args.Exception) == _recorded[^1])
        {
            Show(args.Exception);
        }
    }

    private void Show(Exception e)
    {
        if (_debugger.IsAttached())
        {
            Volatile.Write(ref _shown, e);
            _debugger.Break();
        }
    }

    private static bool Contains(Exception e, Exception? sought)
    {
        for (Exception? link = e; link is not null && sought is not null; link = link.InnerException)
        {
            if (ReferenceEquals(link, sought))
            {
                return true;
            }
        }

        return false;
    }
}
