using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Lepton.Core.Partitioning;

/// <summary>
/// The sharding that other systems spell int(md5(str(key)), 16) % shards: the MD5 of the key's text in UTF-8, read as
/// one big-endian number, modulo the shards. 1 to 10 over 3 shards give 1, 0, 1, 2, 0, 0, 0, 2, 2, 0. Slow; for
/// agreement with data sharded elsewhere.
/// </summary>
/// <remarks>
/// The text is the string itself, or what the type writes under the invariant culture: 7, -1.5, True, a Guid with
/// dashes. Keys that are neither strings, characters, booleans nor <see cref="IFormattable"/> have no such text and
/// are refused.
/// </remarks>
/// <param name="partitionCount">At least 1.</param>
public sealed class Md5Partitioner<TKey>(int partitionCount) : IPartitioner<TKey>
{
    private readonly int _partitionCount = PartitionCounts.Checked(partitionCount);

    /// <inheritdoc/>
    public int PartitionCount => _partitionCount;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The key is null, or of a type without an invariant text.</exception>
    [SuppressMessage("Security", "CA5351", Justification = "It places keys as other systems do and protects nothing.")]
    public int PartitionOf(TKey key)
    {
        string text = TextOf(key);
        Span<byte> room = stackalloc byte[256];
        ReadOnlySpan<byte> utf8 = Encoding.UTF8.TryGetBytes(text, room, out int written)
            ? room[..written]
            : Encoding.UTF8.GetBytes(text);
        Span<byte> digest = stackalloc byte[MD5.HashSizeInBytes];
        MD5.HashData(utf8, digest);
        return (int)(BinaryPrimitives.ReadUInt128BigEndian(digest) % (uint)_partitionCount);
    }

    private static string TextOf(TKey key) => key switch
    {
        string text => text,
        char or bool => key.ToString()!,
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        null => throw new ArgumentException(
            "A null key has no text to take the MD5 of. Drop rows without a key first, or give them one.", nameof(key)),
        _ => throw new ArgumentException(
            $"A key of type {key.GetType()} has no culture-independent text to take the MD5 of. Key by a string or a " +
            "number, or take a HashPartitioner.",
            nameof(key)),
    };
}
