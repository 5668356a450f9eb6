using Lepton.Torch.Errors;
using Lepton.Torch.Native;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Torch;

/// <summary>
/// A random-number generator of libtorch's with a seed and a state of its own. The same seed gives the same numbers as
/// Python's <c>torch.Generator</c> does with the same libtorch. Not thread safe, other than libtorch's own lock.
/// </summary>
public sealed class Generator : SafeHandleZeroOrMinusOneIsInvalid
{
    private Generator(nint handle, Device device)
        : base(ownsHandle: true)
    {
        SetHandle(handle);
        Device = device;
    }

    /// <summary>The device whose random numbers it makes.</summary>
    public Device Device { get; }

    /// <summary>The seed that the sequence began with.</summary>
    public ulong InitialSeed
    {
        get
        {
            TorchFailure.Check(NativeRandom.InitialSeed(Handle, out ulong seed), "initial_seed");
            GC.KeepAlive(this);
            return seed;
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

    /// <summary>A generator of its own.</summary>
    public static Generator FromSeed(ulong seed, Device device = default)
    {
        TorchFailure.Check(
            NativeRandom.New(seed, (int)device.Kind, Torch.IndexOf(device), out nint handle), "generator");
        return new Generator(handle, device);
    }

    /// <summary>The generator that a device's operators use where they are given none.</summary>
    public static Generator DefaultOf(Device device = default)
    {
        TorchFailure.Check(
            NativeRandom.Default((int)device.Kind, Torch.IndexOf(device), out nint handle), "default generator");
        return new Generator(handle, device);
    }

    /// <summary>Starts a sequence anew.</summary>
    public void ManualSeed(ulong seed)
    {
        TorchFailure.Check(NativeRandom.Seed(Handle, seed), "manual_seed");
        GC.KeepAlive(this);
    }

    /// <summary>
    /// The whole state, to be kept in checkpoints; what follows it repeats after <see cref="SetState"/>.
    /// </summary>
    public byte[] GetState()
    {
        TorchFailure.Check(NativeRandom.State(Handle, out nint state), "get_state");
        GC.KeepAlive(this);
        using Tensor tensor = Tensor.Own(state);
        return tensor.ToArray<byte>();
    }

    /// <summary>Goes back to a state.</summary>
    /// <exception cref="TorchOperatorException">The bytes are no state of such a generator.</exception>
    public void SetState(ReadOnlySpan<byte> state)
    {
        using Tensor tensor = Torch.From(state);
        TorchFailure.Check(NativeRandom.SetState(Handle, tensor.Handle), "set_state");
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeRandom.Release(handle);
        return true;
    }
}
