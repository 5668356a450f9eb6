using Lepton.Torch.Native;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Torch.Distributed;

/// <summary>
/// A collective under way. It keeps its tensors alive. Wait for it before they are read, and dispose of it then.
/// Thread safe.
/// </summary>
public sealed class Work : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly Tensor[] _tensors;
    private readonly TimeSpan? _timeout;
    private readonly GroupWaits _waits;
    private readonly int _awaited;

    internal Work(
        nint handle, CollectiveInfo info, Tensor[] tensors, TimeSpan? timeout, GroupWaits waits, int awaited)
        : base(ownsHandle: true)
    {
        SetHandle(handle);
        (_waits, _awaited) = (waits, awaited);
        Info = info;
        _tensors = tensors;
        _timeout = timeout;
    }

    /// <summary>What it is.</summary>
    public CollectiveInfo Info { get; }

    /// <summary>Whether it ended, well or not. Sends and receives know it only once they were waited for.</summary>
    public bool IsCompleted
    {
        get
        {
            bool result = NativeGroups.WorkIsCompleted(Handle) != 0;
            GC.KeepAlive(this);
            return result;
        }
    }

    private nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <param name="timeout">How long; null for the collective's own time, which is the group's by default.</param>
    /// <exception cref="CollectiveException">
    /// It failed: what it was, and why, is in the message. A timeout does not end the collective itself: Gloo goes on
    /// with it until the group's time is over, and disposing of the group waits for that.
    /// </exception>
    public void Wait(TimeSpan? timeout = null)
    {
        // Gloo 1.13 knows the group's time alone, so a collective's own is kept here.
        (nint work, long limit) = (Handle, (timeout ?? _timeout) is { } given ? Store.Milliseconds(given) : 0);
        _waits.Begin(_awaited);
        int status = NativeGroups.WorkWait(work, limit);
        _waits.End();
        CollectiveFailure.Check(status, "", Info);
        GC.KeepAlive(this);
        GC.KeepAlive(_tensors);
    }

    /// <summary>Ends a send or a receive that waits for its peer; it fails then.</summary>
    public void Abort()
    {
        CollectiveFailure.Check(NativeGroups.WorkAbort(Handle), "", Info);
        GC.KeepAlive(this);
    }

    /// <summary>The rank that a receive from anyone got its tensor from, after it was waited for.</summary>
    public int Source
    {
        get
        {
            CollectiveFailure.Check(NativeGroups.WorkSource(Handle, out int rank), "", Info);
            GC.KeepAlive(this);
            return rank;
        }
    }

    /// <summary>A future of the first tensor.</summary>
    public TensorFuture ToFuture()
    {
        CollectiveFailure.Check(NativeGroups.WorkFuture(Handle, out nint future), "", Info);
        GC.KeepAlive(this);
        return new TensorFuture(future);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeGroups.WorkRelease(handle);
        return true;
    }
}
