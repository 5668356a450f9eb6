using System.Runtime.InteropServices;
using Lepton.Torch.Errors;
using Lepton.Torch.Native;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Torch.Distributed;

/// <summary>
/// A tensor that is there later: what a communication hook gives, so that backward goes on meanwhile. Thread safe.
/// </summary>
public sealed unsafe class TensorFuture : SafeHandleZeroOrMinusOneIsInvalid
{
    internal TensorFuture(nint handle)
        : base(ownsHandle: true) => SetHandle(handle);

    /// <summary>A future that <see cref="Complete"/> or <see cref="Fail"/> ends.</summary>
    /// <param name="device">
    /// Where its tensor will be, as a bucket's <see cref="GradientBucket.Buffer"/> is: whoever takes it waits for that
    /// device. One of the CPU's it may get in any case.
    /// </param>
    public TensorFuture(Device device = default)
        : base(ownsHandle: true)
    {
        CollectiveFailure.Check(
            NativeGroups.FutureNew((int)device.Kind, Torch.IndexOf(device), out nint future), "A future");
        SetHandle(future);
    }

    /// <summary>Whether it ended, well or not.</summary>
    public bool IsCompleted
    {
        get
        {
            bool result = NativeGroups.FutureIsCompleted(Handle) != 0;
            GC.KeepAlive(this);
            return result;
        }
    }

    internal nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    /// <summary>A future that is over.</summary>
    public static TensorFuture FromResult(Tensor tensor)
    {
        var future = new TensorFuture(tensor.Device);
        future.Complete(tensor);
        return future;
    }

    /// <summary>Ends it well; once.</summary>
    public void Complete(Tensor tensor)
    {
        CollectiveFailure.Check(NativeGroups.FutureComplete(Handle, tensor.Handle), "Completing a future");
        GC.KeepAlive(this);
        GC.KeepAlive(tensor);
    }

    /// <summary>Ends it with an error, which waiting for it throws.</summary>
    public void Fail(string reason)
    {
        CollectiveFailure.Check(NativeGroups.FutureFail(Handle, reason), "Failing a future");
        GC.KeepAlive(this);
    }

    /// <summary>Waits for the tensor.</summary>
    /// <exception cref="CollectiveException">It ended with an error.</exception>
    public Tensor Wait()
    {
        CollectiveFailure.Check(NativeGroups.FutureWait(Handle, out nint value), "A future");
        GC.KeepAlive(this);
        return Tensor.Own(value);
    }

    /// <summary>
    /// A future of what a function makes of this one's tensor, on the same device or on the CPU. It is called on
    /// whichever thread ends this one; its argument, and what it makes but for its result, is freed when it returns.
    /// </summary>
    public TensorFuture Then(Func<Tensor, Tensor> next)
    {
        ArgumentNullException.ThrowIfNull(next);
        int status = NativeGroups.FutureThen(
            Handle, &OnValue, NativeCallbacks.Hold(next), NativeCallbacks.Release, out nint future);
        CollectiveFailure.Check(status, "A future");
        GC.KeepAlive(this);
        return new TensorFuture(future);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeGroups.FutureRelease(handle);
        return true;
    }

    /// <summary>A reference that native code takes over.</summary>
    internal nint Detach()
    {
        nint detached = Handle;
        SetHandleAsInvalid();
        return detached;
    }

    [UnmanagedCallersOnly]
    private static int OnValue(nint context, nint value, nint* result)
    {
        try
        {
            using var scope = new TensorScope();
            *result = NativeCallbacks.Get<Func<Tensor, Tensor>>(context)(Tensor.Borrow(value)).Retain();
            return (int)NativeStatus.Ok;
        }
        catch (Exception e)
        {
            // Nothing may be thrown into native code; the future ends with the failure.
            return CallbackFaults.Keep(e);
        }
    }
}
