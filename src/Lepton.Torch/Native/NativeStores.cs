using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary>The stores that ranks meet at.</summary>
internal static unsafe partial class NativeStores
{
    private const string Library = NativeLibraryCalls.Library;

    [LibraryImport(Library, EntryPoint = "lt_store_tcp", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Tcp(
        string? host, int port, int isServer, int world, int wait, long timeoutMs, out nint result, out int boundPort);

    [LibraryImport(Library, EntryPoint = "lt_store_hash")]
    public static partial int Hash(long timeoutMs, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_store_file", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int File(string path, int world, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_store_prefix", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Prefix(string prefix, nint store, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_store_callbacks")]
    public static partial int Callbacks(NativeStoreFunctions* functions, nint context, long timeoutMs, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_store_release")]
    public static partial void Release(nint store);

    [LibraryImport(Library, EntryPoint = "lt_store_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Set(nint store, string key, byte* value, long bytes);

    [LibraryImport(Library, EntryPoint = "lt_store_get", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Get(nint store, string key, out byte* value, out long bytes);

    [LibraryImport(Library, EntryPoint = "lt_store_add", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Add(nint store, string key, long amount, out long sum);

    [LibraryImport(Library, EntryPoint = "lt_store_compare_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int CompareSet(
        nint store, string key, byte* expected, long expectedBytes, byte* wanted, long wantedBytes, out byte* value,
        out long bytes);

    [LibraryImport(Library, EntryPoint = "lt_store_remove", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Remove(nint store, string key, out int removed);

    [LibraryImport(Library, EntryPoint = "lt_store_check")]
    public static partial int Check(nint store, byte** keys, int count, out int present);

    [LibraryImport(Library, EntryPoint = "lt_store_wait")]
    public static partial int Wait(nint store, byte** keys, int count, long timeoutMs);

    [LibraryImport(Library, EntryPoint = "lt_store_count")]
    public static partial int Count(nint store, out long keys);
}
