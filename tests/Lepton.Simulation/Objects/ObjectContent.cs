using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lepton.Core.Randomness;
using Lepton.Simulation.World;

namespace Lepton.Simulation.Objects;

/// <summary>
/// The bytes that clients put, and which of them some bytes, or an entity tag, are. Each begins with a block that no
/// other has; the rest are blocks that many have, so that some are stored, deleted and stored again all the time. Some
/// blocks can be compressed, some not, some a little.
/// </summary>
internal sealed class ObjectContent
{
    public const string Bucket = "simulated";
    public const int BlockBytes = 1024;

    private const int SharedBlocks = 6;
    private const int BlocksMax = 12;
    private readonly Dictionary<string, byte[]> _contents = [];
    private readonly Dictionary<string, string> _byETag = [];

    /// <summary>Makes something new.</summary>
    /// <param name="name">What it is called; nothing else may be.</param>
    /// <param name="random">By which it is drawn.</param>
    public byte[] Make(string name, SeededRandom random)
    {
        int blocks = random.NextInt32(3) == 0 ? random.NextInt32(BlocksMax) : random.NextInt32(3);
        int tail = random.NextInt32(2) == 0 ? 0 : random.NextInt32(BlockBytes);
        byte[] content = new byte[BlockBytes + (blocks * BlockBytes) + tail];
        Fill(content.AsSpan(0, BlockBytes), name);
        for (int i = 0; i < blocks; i++)
        {
            Fill(content.AsSpan((i + 1) * BlockBytes, BlockBytes), $"shared {random.NextInt32(SharedBlocks)}");
        }

        Fill(content.AsSpan(content.Length - tail), name);
        Add(name, content, ETagOf(content));
        return content;
    }

    /// <summary>Makes something new, in parts.</summary>
    public List<byte[]> MakeParts(string name, int parts, SeededRandom random)
    {
        List<byte[]> all = [.. Enumerable.Range(0, parts).Select(i => Make($"{name}.{i}", random))];
        byte[] sums = [.. all.SelectMany(static part => Convert.FromHexString(ETagOf(part)))];
        Add(name, [.. all.SelectMany(static part => part)],
            string.Create(CultureInfo.InvariantCulture, $"{ETagOf(sums)}-{parts}"));
        return all;
    }

    /// <summary>What an entity tag is that of.</summary>
    /// <exception cref="SafetyViolationException">Nothing that anybody put has it.</exception>
    public string NameOf(string eTag) => _byETag.TryGetValue(eTag, out string? name)
        ? name
        : throw new SafetyViolationException($"integrity: nothing that was put has the entity tag {eTag}");

    /// <summary>Sees that some bytes are what their entity tag says.</summary>
    /// <exception cref="SafetyViolationException">They are not.</exception>
    public void Demand(string eTag, ReadOnlySpan<byte> content)
    {
        string name = NameOf(eTag);
        if (!content.SequenceEqual(_contents[name]))
        {
            throw new SafetyViolationException(
                $"integrity: a read gave other bytes than those of {name}, {content.Length} of them, where " +
                $"{_contents[name].Length} were put");
        }
    }

    [SuppressMessage("Security", "CA5351", Justification = "S3's entity tags are MD5.")]
    public static string ETagOf(byte[] content) => Convert.ToHexStringLower(MD5.HashData(content));

    private void Add(string name, byte[] content, string eTag)
    {
        _contents.Add(name, content);
        _byETag.Add(eTag, name);
    }

    private static void Fill(Span<byte> bytes, string text)
    {
        byte[] pattern = Encoding.UTF8.GetBytes(text + ';');
        SeededRandom random = new(BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(pattern)));
        int noise = bytes.Length * random.NextInt32(3) / 2;
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = i < noise ? (byte)random.NextInt32(256) : pattern[i % pattern.Length];
        }
    }
}
