using System.Buffers.Binary;
using System.Security.Cryptography;
using Lepton.Core.Durability;
using Lepton.Core.Records;

namespace Lepton.Learning;

/// <summary>
/// The file that every model is kept in: magic (8 bytes), format version (fixed 32), length of the whole file (fixed
/// 64), kind (string), payload, SHA-256 of all that stands before it. Little endian.
/// </summary>
internal static class ModelFile
{
    internal const string InMemory = "the model's bytes";
    internal const uint FormatVersion = 1;
    private const int DigestBytes = SHA256.HashSizeInBytes;
    private const int VersionOffset = 8;
    private const int LengthOffset = 12;
    private const int KindOffset = 20;

    internal delegate T PayloadReader<out T>(ref RecordReader reader);

    private static ReadOnlySpan<byte> Magic => "LPTMODEL"u8;

    internal static byte[] Wrap(string kind, ReadOnlySpan<byte> payload)
    {
        using RecordWriter writer = new(payload.Length + 256);
        writer.WriteRaw(Magic);
        writer.WriteFixed32(FormatVersion);
        writer.WriteFixed64(0);
        writer.WriteString(kind);
        writer.WriteRaw(payload);
        byte[] file = new byte[writer.Length + DigestBytes];
        writer.WrittenSpan.CopyTo(file);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(LengthOffset), (ulong)file.Length);
        SHA256.HashData(file.AsSpan(0, writer.Length), file.AsSpan(writer.Length));
        return file;
    }

    /// <summary>Checks the frame, then reads the payload to its end.</summary>
    internal static T Read<T>(ReadOnlySpan<byte> file, string kind, string source, PayloadReader<T> read)
    {
        ReadOnlySpan<byte> body = CheckFrame(file, source);
        try
        {
            RecordReader reader = new(body[KindOffset..]);
            string found = reader.ReadString();
            if (found != kind)
            {
                throw new ModelFileException(
                    source,
                    $"it holds a model of the kind '{found}', but '{kind}' was expected. Load it with the class of " +
                    "its kind.");
            }

            T model = read(ref reader);
            if (!reader.End)
            {
                throw new CorruptRecordException($"{reader.Remaining} bytes are left after the model.");
            }

            return model;
        }
        catch (CorruptRecordException e)
        {
            throw new ModelFileException(
                source,
                $"its digest is right, but its content is not a '{kind}' model ({e.Message}). Fit and save the model " +
                "again.",
                e);
        }
    }

    internal static byte[] ReadAll(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException(
                path, $"the model can't be read ({e.Message}). Check the path and its permissions.", e);
        }
    }

    internal static void Save(string path, byte[] bytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            DurableFile.WriteAllBytesAtomic(path, bytes);
        }
        catch (IOException e)
        {
            throw new ModelFileException(
                path, $"the model of {bytes.Length:N0} bytes can't be written ({e.Message})", e);
        }
    }

    internal static void WriteNames(RecordWriter writer, IReadOnlyList<string> names)
    {
        writer.WriteVarUInt64((ulong)names.Count);
        foreach (string name in names)
        {
            writer.WriteString(name);
        }
    }

    internal static string[] ReadNames(ref RecordReader reader)
    {
        string[] names = new string[reader.ReadLength(1)];
        for (int i = 0; i < names.Length; i++)
        {
            names[i] = reader.ReadString();
        }

        return names;
    }

    private static ReadOnlySpan<byte> CheckFrame(ReadOnlySpan<byte> file, string source)
    {
        int magicLength = Math.Min(file.Length, Magic.Length);
        if (magicLength == 0 || !file[..magicLength].SequenceEqual(Magic[..magicLength]))
        {
            throw new ModelFileException(
                source, "this is not a model that Lepton saved. Give the path of a file that Save wrote.");
        }

        if (file.Length < KindOffset + DigestBytes)
        {
            throw CutOff(source, file.Length, "more");
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(file[VersionOffset..]);
        if (version > FormatVersion)
        {
            throw new ModelFileException(
                source,
                $"it is of format {version}, and this Lepton reads up to format {FormatVersion}. Update Lepton, or " +
                "save the model with the older one.");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(file[LengthOffset..]);
        if ((ulong)file.Length < length)
        {
            throw CutOff(source, file.Length, $"{length:N0}");
        }

        ReadOnlySpan<byte> body = file[..^DigestBytes];
        bool intact = SHA256.HashData(body).AsSpan().SequenceEqual(file[^DigestBytes..]);
        if (!intact || version == 0 || length != (ulong)file.Length)
        {
            throw new ModelFileException(
                source, "it was altered after it was saved (its SHA-256 does not fit). Fetch or fit the model again.");
        }

        return body;
    }

    private static ModelFileException CutOff(string source, int found, string expected) => new(
        source, $"it is cut off: {found:N0} bytes of {expected} are there. Fetch or save the model again.");
}
