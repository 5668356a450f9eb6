using System.Text;

namespace Lepton.Coordination.Client;

/// <summary>
/// A key or a value: any bytes, which most often are UTF-8 text and may be written as such
/// (<c>client.PutAsync("mode", "fast")</c>). Compared byte by byte, as the server orders keys. Immutable as long as
/// nobody changes an array that it was made of: it is not copied.
/// </summary>
public readonly struct Bytes : IEquatable<Bytes>, IComparable<Bytes>
{
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Wraps bytes without copying them.</summary>
    public Bytes(ReadOnlyMemory<byte> memory) => Memory = memory;

    /// <summary>No bytes.</summary>
    public static Bytes Empty => default;

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Memory { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => Memory.Span;

    /// <summary>How many bytes there are.</summary>
    public int Length => Memory.Length;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => Memory.IsEmpty;

    /// <summary>The UTF-8 bytes of a text.</summary>
    /// <exception cref="ArgumentException">The text holds half a surrogate pair, which UTF-8 has no bytes
    /// for.</exception>
    public static Bytes FromText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return new Bytes(s_strict.GetBytes(text));
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException(
                $"The text holds half a surrogate pair at {e.Index}, which UTF-8 has no bytes for. Pass bytes instead.",
                nameof(text), e);
        }
    }

    /// <inheritdoc cref="FromText"/>
    public static implicit operator Bytes(string text) => FromText(text);

    /// <inheritdoc cref="Bytes(ReadOnlyMemory{byte})"/>
    public static implicit operator Bytes(byte[] bytes) => new(bytes);

    /// <inheritdoc cref="Bytes(ReadOnlyMemory{byte})"/>
    public static implicit operator Bytes(ReadOnlyMemory<byte> memory) => new(memory);

    public static bool operator ==(Bytes left, Bytes right) => left.Equals(right);

    public static bool operator !=(Bytes left, Bytes right) => !left.Equals(right);

    public static bool operator <(Bytes left, Bytes right) => left.CompareTo(right) < 0;

    public static bool operator >(Bytes left, Bytes right) => left.CompareTo(right) > 0;

    public static bool operator <=(Bytes left, Bytes right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Bytes left, Bytes right) => left.CompareTo(right) >= 0;

    /// <summary>These bytes and then others.</summary>
    public Bytes Append(Bytes other) => new((byte[])[.. Span, .. other.Span]);

    /// <summary>Whether these bytes begin with others.</summary>
    public bool StartsWith(Bytes other) => Span.StartsWith(other.Span);

    /// <summary>A copy of the bytes.</summary>
    public byte[] ToArray() => Memory.ToArray();

    /// <inheritdoc/>
    public bool Equals(Bytes other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Bytes other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public int CompareTo(Bytes other) => Span.SequenceCompareTo(other.Span);

    /// <summary>The bytes as UTF-8 text; what is none becomes U+FFFD.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Span);
}
