using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lepton.Core.Durability;
using Lepton.Core.Hashing;
using Lepton.Torch.Native;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Torch.Serialization;

/// <summary>Writes one safetensors file: header first, then the tensors' bytes, the widest dtypes first.</summary>
internal sealed class SafetensorsWriter
{
    private const string MetadataKey = "__metadata__";
    private const int Alignment = 8;

    // Summed and written while it is in the processor's cache.
    private const int ChunkBytes = 1 << 20;
    private const int AttemptsMax = 1000;
    private readonly string _path;
    private readonly List<(string Name, Tensor Tensor, string Format)> _tensors;
    private readonly IReadOnlyDictionary<string, string> _metadata;
    private SafetensorsDigest _written;

    /// <exception cref="ArgumentException">A dtype or a name that the format doesn't take; all are told of.</exception>
    public SafetensorsWriter(
        string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        _path = Path.GetFullPath(path);
        _metadata = metadata ?? new Dictionary<string, string>();
        List<string> faults = [.. tensors.SelectMany(static tensor => FaultsOf(tensor.Key, tensor.Value))];
        if (faults.Count > 0)
        {
            throw new ArgumentException(
                $"{path} can't be written: {string.Join("; ", faults)}.", nameof(tensors));
        }

        _tensors = [.. tensors
            .Select(static tensor => (
                Name: tensor.Key, Tensor: tensor.Value, Format: SafetensorsFormats.Of(tensor.Value.DType)!.Value))
            .OrderByDescending(static tensor => tensor.Format.Place)
            .ThenBy(static tensor => tensor.Name, StringComparer.Ordinal)
            .Select(static tensor => (tensor.Name, tensor.Tensor, tensor.Format.Name))];
    }

    public SafetensorsDigest Write()
    {
        string temporary = WriteBeside();
        try
        {
            DurableFile.ReplaceAtomic(temporary, _path);
            return _written;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static IEnumerable<string> FaultsOf(string name, Tensor tensor)
    {
        if (name == MetadataKey || HasHalfOfAPair(name))
        {
            yield return $"'{name}' is no name that a tensor may have";
        }

        if (SafetensorsFormats.Of(tensor.DType) is null)
        {
            yield return $"'{name}' is {tensor.Signature}, and the format has no such dtype; convert it first";
        }

        if (!HasElements(tensor))
        {
            yield return
                $"'{name}' ({tensor.Signature}) has no memory of its own, as sparse tensors; make it dense first";
        }
    }

    private static unsafe bool HasElements(Tensor tensor) =>
        tensor.ElementCount == 0 || NativeTensors.Data(tensor.Handle) is not null;

    private static bool HasHalfOfAPair(string name)
    {
        for (int i = 0; i < name.Length; i++)
        {
            if (i + 1 < name.Length && char.IsSurrogatePair(name[i], name[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(name[i]))
            {
                return true;
            }
        }

        return false;
    }

    private unsafe void WriteTensor(SafeFileHandle file, Tensor tensor)
    {
        using var scope = new TensorScope();
        using var noGrad = Torch.NoGrad();
        Tensor plain = tensor.Detach().To(Device.Cpu).Contiguous();
        byte* data = (byte*)NativeTensors.Data(plain.Handle);
        long total = plain.ElementCount * NativeTensors.ElementBytes(plain.Handle);
        for (long done = 0; done < total; done += ChunkBytes)
        {
            int bytes = (int)Math.Min(ChunkBytes, total - done);
            Append(file, new ReadOnlySpan<byte>(data + done, bytes));
        }

        GC.KeepAlive(plain);
    }

    private void Append(SafeFileHandle file, ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(file, bytes, _written.Bytes);
        _written = new SafetensorsDigest(_written.Bytes + bytes.Length, Crc32C.Compute(bytes, _written.Crc32C));
    }

    private string WriteBeside()
    {
        string? temporary = null;
        try
        {
            using SafeFileHandle file = CreateBeside(out string created);
            temporary = created;
            WriteTo(file);
            return created;
        }
        catch (Exception e)
        {
            if (temporary is not null)
            {
                File.Delete(temporary);
            }

            if (e is IOException or UnauthorizedAccessException)
            {
                throw new IOException(
                    $"{_path} could not be written: {e.Message} What stood there before is unchanged. Check the " +
                    "directory, its permissions and the free space.",
                    e);
            }

            throw;
        }
    }

    private SafeFileHandle CreateBeside(out string temporary)
    {
        string directory = Path.GetDirectoryName(_path)
            ?? throw new IOException($"{_path} is a root directory, not a file.");
        // Another writer's file of the same name, or one that a crash left behind, only costs another number.
        for (int attempt = 0; ; attempt++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $".{Path.GetFileName(_path)}.{attempt}.tmp");
            temporary = Path.Combine(directory, name);
            try
            {
                return File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write);
            }
            catch (IOException) when (attempt < AttemptsMax && File.Exists(temporary))
            {
                continue;
            }
        }
    }

    private void WriteTo(SafeFileHandle file)
    {
        _written = default;
        Append(file, Header());
        foreach ((string _, Tensor tensor, string _) in _tensors)
        {
            WriteTensor(file, tensor);
        }
    }

    /// <summary>The header's length and its JSON, filled up with blanks so that the data is aligned.</summary>
    private byte[] Header()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(
            buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            WriteMetadata(json);
            long offset = 0;
            foreach ((string name, Tensor tensor, string format) in _tensors)
            {
                offset = WriteEntry(json, name, tensor, format, offset);
            }

            json.WriteEndObject();
        }

        int bytes = (buffer.WrittenCount + Alignment - 1) / Alignment * Alignment;
        byte[] header = new byte[sizeof(ulong) + bytes];
        header.AsSpan(sizeof(ulong)).Fill((byte)' ');
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)bytes);
        buffer.WrittenSpan.CopyTo(header.AsSpan(sizeof(ulong)));
        return header;
    }

    private void WriteMetadata(Utf8JsonWriter json)
    {
        if (_metadata.Count == 0)
        {
            return;
        }

        json.WriteStartObject(MetadataKey);
        foreach ((string key, string value) in _metadata)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static long WriteEntry(Utf8JsonWriter json, string name, Tensor tensor, string format, long offset)
    {
        long end = offset + (tensor.ElementCount * tensor.DType.Bytes());
        json.WriteStartObject(name);
        json.WriteString("dtype", format);
        json.WriteStartArray("shape");
        foreach (long size in tensor.Shape)
        {
            json.WriteNumberValue(size);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
        return end;
    }
}
