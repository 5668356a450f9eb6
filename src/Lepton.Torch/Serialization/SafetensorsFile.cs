using System.Buffers.Binary;
using Lepton.Torch.Native;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Torch.Serialization;

/// <summary>
/// An open safetensors file: what is in it is known, tensors are read one at a time, as they are asked for. Thread
/// safe.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private const int LengthBytes = 8;
    private const int ChunkBytes = 1 << 26;
    private const string Advice =
        "Get the file again from where it comes from; safetensors files are written by Module.Save, and by " +
        "safetensors' save_file in Python.";

    private readonly SafeFileHandle _file;
    private readonly SafetensorsHeader _header;
    private readonly long _dataStart;

    private SafetensorsFile(string path, SafeFileHandle file, SafetensorsHeader header, long dataStart)
    {
        Path = path;
        _file = file;
        _header = header;
        _dataStart = dataStart;
    }

    /// <summary>The file's path, as it was given.</summary>
    public string Path { get; }

    /// <summary>The tensors in the file, by name, in the header's order.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _header.Entries;

    /// <summary>What the writer noted in <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and reads its header.</summary>
    /// <exception cref="SafetensorsException">
    /// It is no safetensors file, or a damaged one; the message says what is wrong with it.
    /// </exception>
    /// <exception cref="IOException">It is not there, or can't be read.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        // Who replaces the file by a rename, as this library does, is not in the way.
        SafeFileHandle file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        try
        {
            long bytes = RandomAccess.GetLength(file);
            byte[] json = ReadHeader(path, file, bytes);
            long dataStart = LengthBytes + json.Length;
            return new SafetensorsFile(path, file, SafetensorsHeader.Parse(json, bytes - dataStart), dataStart);
        }
        catch (FormatException e)
        {
            file.Dispose();
            throw new SafetensorsException(path, e.Message, Advice, e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="device">Where it shall be.</param>
    /// <exception cref="KeyNotFoundException">The file has none of that name.</exception>
    /// <exception cref="SafetensorsException">libtorch has no such dtype, or the file has become shorter.</exception>
    public Tensor Read(string name, Device device = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!_header.Entries.TryGetValue(name, out SafetensorsEntry? entry))
        {
            throw new KeyNotFoundException(
                $"{Path} has no tensor '{name}'. It has {_header.Entries.Count}, such as " +
                $"{string.Join(", ", _header.Entries.Keys.Take(5))}.");
        }

        DType dtype = entry.DType ?? throw new SafetensorsException(
            Path, $"tensor '{name}' has the dtype {entry.Format}, for which libtorch has no type",
            "Convert it where the file was written.");
        Tensor tensor = Torch.Empty([.. entry.Shape], dtype);
        try
        {
            Fill(tensor, entry);
            return device == Device.Cpu ? tensor : MoveTo(tensor, device);
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private static byte[] ReadHeader(string path, SafeFileHandle file, long bytes)
    {
        Span<byte> length = stackalloc byte[LengthBytes];
        if (bytes < LengthBytes)
        {
            throw new FormatException(
                $"the file has {bytes} bytes; a safetensors file begins with the {LengthBytes} bytes of its header's " +
                "length");
        }

        ReadFully(path, file, length, 0);
        ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (headerBytes > (ulong)(bytes - LengthBytes))
        {
            throw new FormatException(
                $"its header would have {headerBytes} bytes, but only {bytes - LengthBytes} follow: it is cut off, " +
                "or no safetensors file");
        }

        if (headerBytes > SafetensorsHeader.BytesMax)
        {
            throw new FormatException(
                $"its header has {headerBytes} bytes; {SafetensorsHeader.BytesMax} are the most");
        }

        byte[] json = new byte[headerBytes];
        ReadFully(path, file, json, LengthBytes);
        return json;
    }

    private static void ReadFully(string path, SafeFileHandle file, Span<byte> target, long offset)
    {
        while (!target.IsEmpty)
        {
            int read = RandomAccess.Read(file, target, offset);
            if (read == 0)
            {
                throw new SafetensorsException(
                    path,
                    $"the file ended at byte {offset}, before {target.Length} bytes that were there when it was opened",
                    "Somebody writes to it in place; write beside it and rename.");
            }

            target = target[read..];
            offset += read;
        }
    }

    private static Tensor MoveTo(Tensor tensor, Device device)
    {
        Tensor moved = tensor.To(device);
        tensor.Dispose();
        return moved;
    }

    private unsafe void Fill(Tensor tensor, SafetensorsEntry entry)
    {
        byte* data = (byte*)NativeTensors.Data(tensor.Handle);
        for (long done = 0; done < entry.Bytes; done += ChunkBytes)
        {
            int bytes = (int)Math.Min(ChunkBytes, entry.Bytes - done);
            ReadFully(Path, _file, new Span<byte>(data + done, bytes), _dataStart + entry.Offset + done);
        }

        GC.KeepAlive(tensor);
    }
}
