using System.Runtime.InteropServices;
using Lepton.Torch.Errors;
using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>A function that sees a tensor's gradient; disposing removes it.</summary>
public sealed unsafe class GradientHook : IDisposable
{
    private readonly uint _id;
    private Tensor? _tensor;

    private GradientHook(Tensor tensor, uint id)
    {
        _tensor = tensor;
        _id = id;
    }

    /// <summary>Removes the hook; it may be called twice, and after the tensor was freed.</summary>
    public void Dispose()
    {
        Tensor? tensor = Interlocked.Exchange(ref _tensor, null);
        if (tensor is { IsDisposed: false })
        {
            TorchFailure.Check(NativeAutograd.HookRemove(tensor.Handle, _id), "remove_hook");
            GC.KeepAlive(tensor);
        }
    }

    internal static GradientHook Add(Tensor tensor, Func<Tensor, Tensor?> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        nint context = NativeCallbacks.Hold(hook);
        int status = NativeAutograd.HookAdd(tensor.Handle, &OnGradient, context, NativeCallbacks.Release, out uint id);
        if (status != 0)
        {
            // The shim gave the context back when the call failed.
            TorchFailure.Throw(status, "register_hook", tensor);
        }

        return new GradientHook(tensor, id);
    }

    [UnmanagedCallersOnly]
    private static int OnGradient(nint context, nint gradient, nint* replacement)
    {
        try
        {
            using var scope = new TensorScope();
            Tensor? replaced = NativeCallbacks.Get<Func<Tensor, Tensor?>>(context)(Tensor.Borrow(gradient));
            *replacement = replaced is null ? 0 : replaced.Retain();
            return (int)NativeStatus.Ok;
        }
        catch (Exception e)
        {
            // Nothing may be thrown into native code; the exception surfaces in backward.
            return CallbackFaults.Keep(e);
        }
    }
}
