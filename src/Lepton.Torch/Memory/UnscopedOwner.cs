using Lepton.Torch.Native;

namespace Lepton.Torch.Memory;

/// <summary>Frees a tensor of no scope when the collector finds that nobody can reach it any more.</summary>
internal sealed class UnscopedOwner : IDisposable
{
    private readonly long _bytes;
    private nint _handle;

    public UnscopedOwner(nint handle)
    {
        _handle = handle;
        _bytes = NativeTensors.StorageBytes(handle);
        UnscopedMemory.Process.Add(_bytes);
    }

    ~UnscopedOwner() => Free();

    /// <summary>Frees the tensor now.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Free();
    }

    /// <summary>Gives the tensor up: somebody else frees it now.</summary>
    public void Forget()
    {
        if (Interlocked.Exchange(ref _handle, 0) != 0)
        {
            UnscopedMemory.Process.Remove(_bytes);
        }

        Dispose();
    }

    private void Free()
    {
        nint handle = Interlocked.Exchange(ref _handle, 0);
        if (handle != 0)
        {
            UnscopedMemory.Process.Remove(_bytes);
            LiveTensors.Subtract(1);
            NativeTensors.Release(handle);
        }
    }
}
