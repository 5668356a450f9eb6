using System.Net;
using System.Net.Sockets;
using System.Text;
using Lepton.Torch.Native;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Torch.Distributed;

/// <summary>
/// A key-value store that the ranks of a group meet at: c10d's own over TCP, within a process or in a file, or one of
/// the program's. Thread safe. A group that was made with it keeps it alive.
/// </summary>
public sealed class Store : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>How long a store waits for a key where nothing else is said, as in PyTorch.</summary>
    public static readonly TimeSpan TimeoutDefault = TimeSpan.FromMinutes(5);

    private Store(nint handle)
        : base(ownsHandle: true) => SetHandle(handle);

    /// <summary>The port that a server of <see cref="Tcp"/> listens on; 0 for other stores.</summary>
    public int Port { get; private init; }

    internal nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    /// <summary>A store over TCP, which one rank serves.</summary>
    /// <param name="host">The server's name or address.</param>
    /// <param name="port">Its port; 0 has the server take any free one, which <see cref="Port"/> tells.</param>
    /// <param name="isServer">Whether this is the server.</param>
    /// <param name="world">How many clients there will be, the server counted in; null where it is not known.</param>
    /// <param name="waitForAll">Whether the server waits for all of them before it returns.</param>
    /// <param name="timeout">How long it, and every later call, waits; null: <see cref="TimeoutDefault"/>.</param>
    /// <exception cref="CollectiveException">The server can't be reached, or can't listen.</exception>
    public static Store Tcp(
        string host, int port, bool isServer, int? world = null, bool waitForAll = false, TimeSpan? timeout = null)
    {
        if (isServer && port > 0)
        {
            RequireFree(host, port);
        }

        int status = NativeStores.Tcp(
            host, port, isServer ? 1 : 0, world ?? 0, waitForAll ? 1 : 0, Milliseconds(timeout), out nint store,
            out int bound);
        CollectiveFailure.Check(status, $"The store at {host}:{port}");
        return new Store(store) { Port = bound };
    }

    /// <summary>A store within this process, for ranks that are threads.</summary>
    public static Store InProcess(TimeSpan? timeout = null)
    {
        CollectiveFailure.Check(NativeStores.Hash(Milliseconds(timeout), out nint store), "The store");
        return new Store(store);
    }

    /// <summary>A store in a file that all ranks can open; it is removed when the last of them is done.</summary>
    public static Store InFile(string path, int world)
    {
        CollectiveFailure.Check(NativeStores.File(path, world, out nint store), $"The store in {path}");
        return new Store(store);
    }

    /// <summary>A store of the program's own.</summary>
    public static unsafe Store From(IKeyValueStore store, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        NativeStoreFunctions functions = StoreCallbacks.Functions;
        int status = NativeStores.Callbacks(
            &functions, NativeCallbacks.Hold(store), Milliseconds(timeout), out nint handle);
        CollectiveFailure.Check(status, "The store");
        return new Store(handle);
    }

    /// <summary>The same store with a prefix before every key, for one of several groups.</summary>
    public Store WithPrefix(string prefix)
    {
        CollectiveFailure.Check(NativeStores.Prefix(prefix, Handle, out nint store), "The store");
        GC.KeepAlive(this);
        return new Store(store);
    }

    /// <summary>Sets a key.</summary>
    public unsafe void Set(string key, ReadOnlySpan<byte> value)
    {
        fixed (byte* pointer = value)
        {
            CollectiveFailure.Check(
                NativeStores.Set(Handle, key, pointer, value.Length), $"The store's set of {key}");
        }

        GC.KeepAlive(this);
    }

    /// <summary>Sets a key to text.</summary>
    public void Set(string key, string value) => Set(key, Encoding.UTF8.GetBytes(value));

    /// <summary>The value of a key, waited for as long as the store's timeout.</summary>
    /// <exception cref="CollectiveException">It did not come in time.</exception>
    public unsafe byte[] Get(string key)
    {
        CollectiveFailure.Check(
            NativeStores.Get(Handle, key, out byte* value, out long bytes), $"The store's get of {key}");
        GC.KeepAlive(this);
        return Taken(value, bytes);
    }

    /// <summary>The value of a key as text.</summary>
    public string GetText(string key) => Encoding.UTF8.GetString(Get(key));

    /// <summary>Adds to a number, from 0, and gives the sum. Atomic.</summary>
    public long Add(string key, long amount)
    {
        CollectiveFailure.Check(
            NativeStores.Add(Handle, key, amount, out long sum), $"The store's add to {key}");
        GC.KeepAlive(this);
        return sum;
    }

    /// <summary>
    /// Sets a key where it holds <paramref name="expected"/>, or is missing and that is empty. Atomic.
    /// </summary>
    /// <returns>What the key holds then.</returns>
    public unsafe byte[] CompareSet(string key, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> wanted)
    {
        byte* value;
        long bytes;
        fixed (byte* first = expected)
        fixed (byte* second = wanted)
        {
            CollectiveFailure.Check(
                NativeStores.CompareSet(
                    Handle, key, first, expected.Length, second, wanted.Length, out value, out bytes),
                $"The store's compare-and-set of {key}");
        }

        GC.KeepAlive(this);
        return Taken(value, bytes);
    }

    /// <summary>Removes a key.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(string key)
    {
        CollectiveFailure.Check(
            NativeStores.Remove(Handle, key, out int removed), $"The store's removal of {key}");
        GC.KeepAlive(this);
        return removed != 0;
    }

    /// <summary>Whether all keys are there.</summary>
    public unsafe bool Contains(params ReadOnlySpan<string> keys)
    {
        using var texts = new Utf8Strings(keys);
        CollectiveFailure.Check(
            NativeStores.Check(Handle, texts.Pointers, keys.Length, out int present), "The store's look-up");
        GC.KeepAlive(this);
        return present != 0;
    }

    /// <summary>Waits until all keys are there.</summary>
    /// <exception cref="CollectiveException">They are not in time; the message has those that are missing.</exception>
    public unsafe void Wait(TimeSpan timeout, params ReadOnlySpan<string> keys)
    {
        using var texts = new Utf8Strings(keys);
        int status = NativeStores.Wait(Handle, texts.Pointers, keys.Length, Milliseconds(timeout));
        try
        {
            CollectiveFailure.Check(status, $"The store's wait for {string.Join(", ", keys.ToArray())}");
        }
        catch (CollectiveException e) when (e.Fault == CollectiveFault.Timeout && keys.Length > 1)
        {
            throw new CollectiveException(e.Fault, $"{e.Message} Missing: {Missing(keys)}.", e);
        }

        GC.KeepAlive(this);
    }

    // The store may be gone by now; what was waited for is what matters then.
    private string Missing(ReadOnlySpan<string> keys)
    {
        try
        {
            return string.Join(", ", keys.ToArray().Where(key => !Contains(key)));
        }
        catch (CollectiveException e)
        {
            return e.Message;
        }
    }

    /// <summary>How many keys there are; c10d's own stores keep a few for themselves.</summary>
    public long CountKeys()
    {
        CollectiveFailure.Check(NativeStores.Count(Handle, out long keys), "The store's count");
        GC.KeepAlive(this);
        return keys;
    }

    internal static long Milliseconds(TimeSpan? timeout) =>
        (long)Math.Ceiling((timeout ?? TimeoutDefault).TotalMilliseconds);

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeStores.Release(handle);
        return true;
    }

    /// <summary>
    /// c10d writes lines of its own to standard error, for each way that it tries, where it can't listen on a port.
    /// </summary>
    private static void RequireFree(string host, int port)
    {
        // In its order: every address, else those of IPv4.
        if (BindFault(IPAddress.IPv6Any, port) is not null && BindFault(IPAddress.Any, port) is { } fault)
        {
            throw new CollectiveException(
                CollectiveFault.Refused,
                $"The store at {host}:{port} can't listen there: {fault.Message}. Give a port that is free, or 0 for " +
                "any that is.",
                fault);
        }
    }

    private static SocketException? BindFault(IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = true;
            }

            // It does not listen: a client that came now would take it for the store.
            socket.Bind(new IPEndPoint(address, port));
            return null;
        }
        catch (SocketException e)
        {
            return e;
        }
    }

    private static unsafe byte[] Taken(byte* value, long bytes)
    {
        byte[] result = new ReadOnlySpan<byte>(value, (int)bytes).ToArray();
        NativeLibraryCalls.Free(value);
        return result;
    }
}
