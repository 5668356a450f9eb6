using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Lepton.Storage.Blocks;

/// <summary>The name of a block: the SHA-256 of its bytes (FIPS 180-4), so that equal blocks are stored once.</summary>
internal readonly record struct BlockId(ulong First, ulong Second, ulong Third, ulong Fourth)
{
    /// <summary>Bytes of an id.</summary>
    public const int Size = SHA256.HashSizeInBytes;

    /// <summary>The id of a block's bytes.</summary>
    public static BlockId Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(content, hash);
        return Read(hash);
    }

    /// <summary>Reads what <see cref="ToString"/> writes; null where it is none such.</summary>
    public static BlockId? Parse(string text)
    {
        Span<byte> bytes = stackalloc byte[Size];
        return text.Length == 2 * Size
            && Convert.FromHexString(text, bytes, out _, out _) == OperationStatus.Done
            ? Read(bytes)
            : null;
    }

    /// <summary>Reads an id from its <see cref="Size"/> bytes.</summary>
    public static BlockId Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]), BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]));

    /// <summary>Writes the id into the first <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, First);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Second);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], Third);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], Fourth);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{First:x16}{Second:x16}{Third:x16}{Fourth:x16}";
}
