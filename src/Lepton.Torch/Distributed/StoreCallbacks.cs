using System.Runtime.InteropServices;
using Lepton.Torch.Errors;
using Lepton.Torch.Native;

namespace Lepton.Torch.Distributed;

/// <summary>What libtorch calls of an <see cref="IKeyValueStore"/>.</summary>
internal static unsafe class StoreCallbacks
{
    /// <summary>The functions, for any store that is held as their context.</summary>
    public static NativeStoreFunctions Functions => new()
    {
        Set = &OnSet,
        Get = &OnGet,
        Add = &OnAdd,
        CompareSet = &OnCompareSet,
        Remove = &OnRemove,
        Check = &OnCheck,
        Wait = &OnWait,
        Count = &OnCount,
        Release = NativeCallbacks.Release,
    };

    [UnmanagedCallersOnly]
    private static int OnSet(nint context, byte* key, byte* value, long bytes)
    {
        try
        {
            Of(context).Set(Text(key), new ReadOnlySpan<byte>(value, (int)bytes));
            return (int)NativeStatus.Ok;
        }
        catch (Exception e)
        {
            return StatusOf(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnGet(nint context, byte* key, long timeoutMs, byte** value, long* bytes)
    {
        try
        {
            HandOut(Of(context).Get(Text(key), TimeSpan.FromMilliseconds(timeoutMs)), value, bytes);
            return (int)NativeStatus.Ok;
        }
        catch (Exception e)
        {
            return StatusOf(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnAdd(nint context, byte* key, long amount, long* sum)
    {
        try
        {
            *sum = Of(context).Add(Text(key), amount);
            return (int)NativeStatus.Ok;
        }
        catch (Exception e)
        {
            return StatusOf(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnCompareSet(
        nint context, byte* key, byte* expected, long expectedBytes, byte* wanted, long wantedBytes, byte** value,
        long* bytes)
    {
        try
        {
            byte[] held = Of(context).CompareSet(
                Text(key), new ReadOnlySpan<byte>(expected, (int)expectedBytes),
                new ReadOnlySpan<byte>(wanted, (int)wantedBytes));
            HandOut(held, value, bytes);
            return (int)NativeStatus.Ok;
        }
        catch (Exception e)
        {
            return StatusOf(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnRemove(nint context, byte* key, int* removed)
    {
        try
        {
            *removed = Of(context).Remove(Text(key)) ? 1 : 0;
            return (int)NativeStatus.Ok;
        }
        catch (Exception e)
        {
            return StatusOf(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnCheck(nint context, byte** keys, int count, int* present)
    {
        try
        {
            *present = Of(context).Contains(Texts(keys, count)) ? 1 : 0;
            return (int)NativeStatus.Ok;
        }
        catch (Exception e)
        {
            return StatusOf(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnWait(nint context, byte** keys, int count, long timeoutMs)
    {
        try
        {
            Of(context).Wait(Texts(keys, count), TimeSpan.FromMilliseconds(timeoutMs));
            return (int)NativeStatus.Ok;
        }
        catch (Exception e)
        {
            return StatusOf(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnCount(nint context, long* keys)
    {
        try
        {
            *keys = Of(context).Count();
            return (int)NativeStatus.Ok;
        }
        catch (Exception e)
        {
            return StatusOf(e);
        }
    }

    // Nothing may be thrown into native code. A timeout is told as one; all else surfaces where the call was made.
    private static int StatusOf(Exception error) =>
        error is TimeoutException ? (int)NativeStatus.Timeout : CallbackFaults.Keep(error);

    private static IKeyValueStore Of(nint context) => NativeCallbacks.Get<IKeyValueStore>(context);

    private static string Text(byte* text) => NativeText.Borrowed(text);

    private static string[] Texts(byte** keys, int count)
    {
        string[] texts = new string[count];
        for (int i = 0; i < count; i++)
        {
            texts[i] = Text(keys[i]);
        }

        return texts;
    }

    private static void HandOut(byte[] found, byte** value, long* bytes)
    {
        var buffer = (byte*)NativeLibraryCalls.Alloc((nuint)found.Length);
        if (buffer is null)
        {
            throw new InsufficientMemoryException($"No memory for a value of {found.Length} bytes.");
        }

        found.CopyTo(new Span<byte>(buffer, found.Length));
        *value = buffer;
        *bytes = found.Length;
    }
}
