using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lepton.Core.Streams;
using Lepton.Storage.S3.Answers;

namespace Lepton.Storage.S3.Bodies;

/// <summary>
/// Decodes <c>aws-chunked</c>: chunks of <c>SIZE[;chunk-signature=…]</c>, bytes, and an empty one at the end, maybe
/// with headers behind it. Signatures are checked chunk by chunk. Holds 64 KiB.
/// </summary>
internal sealed class AwsChunkedStream(
    Stream inner, ChunkSignatures? signatures, long decodedLength, bool hasTrailer) : ReadOnlyStream
{
    private const int LineBytesMax = 8 * 1024;
    private const string SignatureName = ";chunk-signature=";
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly Dictionary<string, string> _trailers = new(StringComparer.OrdinalIgnoreCase);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _start;
    private int _end;
    private long _left;
    private long _total;
    private string _signature = "";
    private bool _isInChunk;
    private bool _isOver;

    /// <summary>The headers behind the last chunk, once the end was read.</summary>
    public IReadOnlyDictionary<string, string> Trailers => _trailers;

    /// <exception cref="S3Exception">The body is malformed, ends early, or a signature is wrong.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0 || _isOver)
        {
            return 0;
        }

        if (!_isInChunk)
        {
            await BeginChunkAsync(cancellationToken).ConfigureAwait(false);
            if (_isOver)
            {
                return 0;
            }
        }

        int read = await ReadChunkAsync(buffer, cancellationToken).ConfigureAwait(false);
        _left -= read;
        _total += read;
        if (signatures is not null)
        {
            _hash.AppendData(buffer.Span[..read]);
        }

        if (_left == 0)
        {
            await EndChunkAsync(cancellationToken).ConfigureAwait(false);
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        _hash.Dispose();
        base.Dispose(disposing);
    }

    private static S3Exception Malformed(string why) => new(
        S3Error.IncompleteBody, $"The chunks of the body are malformed: {why}. Send it again.");

    private async Task BeginChunkAsync(CancellationToken cancellationToken)
    {
        string line = await LineAsync(cancellationToken).ConfigureAwait(false);
        int mark = line.IndexOf(';', StringComparison.Ordinal);
        string size = mark < 0 ? line : line[..mark];
        if (!long.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _left) || _left < 0)
        {
            throw Malformed($"'{size}' is no chunk's size");
        }

        if (_left > decodedLength - _total)
        {
            throw Malformed($"they have more than the {decodedLength} bytes of x-amz-decoded-content-length");
        }

        int at = line.IndexOf(SignatureName, StringComparison.Ordinal);
        _signature = at < 0 ? "" : line[(at + SignatureName.Length)..];
        _isInChunk = true;
        if (_left == 0)
        {
            CheckChunk();
            await EndAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task EndChunkAsync(CancellationToken cancellationToken)
    {
        CheckChunk();
        _isInChunk = false;
        if ((await LineAsync(cancellationToken).ConfigureAwait(false)).Length > 0)
        {
            throw Malformed("a chunk is longer than its size says");
        }
    }

    private void CheckChunk()
    {
        if (signatures is not null)
        {
            signatures.Check(_hash.GetHashAndReset(), _signature);
        }
    }

    private async Task EndAsync(CancellationToken cancellationToken)
    {
        StringBuilder signed = new();
        string? signature = null;
        for (string line = await LastLineAsync(cancellationToken).ConfigureAwait(false); line.Length > 0;
            line = await LastLineAsync(cancellationToken).ConfigureAwait(false))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || !hasTrailer || _trailers.Count > 16)
            {
                throw Malformed($"'{line}' is no header, or one too many");
            }

            (string name, string value) = (line[..colon].Trim(), line[(colon + 1)..].Trim());
            if (name.Equals("x-amz-trailer-signature", StringComparison.OrdinalIgnoreCase))
            {
                signature = value;
                continue;
            }

            _trailers[name] = value;
            signed.Append(name).Append(':').Append(value).Append('\n');
        }

        if (signatures is not null && hasTrailer)
        {
            signatures.CheckTrailer(signed.ToString(), signature ?? "");
        }

        if (_total != decodedLength)
        {
            throw Malformed($"they have {_total} bytes, and x-amz-decoded-content-length says {decodedLength}");
        }

        _isOver = true;
    }

    private async ValueTask<int> ReadChunkAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        buffer = buffer[..(int)Math.Min(buffer.Length, _left)];
        if (_start == _end)
        {
            // Nothing is waiting, so what is large goes straight to the reader.
            if (buffer.Length >= _buffer.Length)
            {
                int direct = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                return direct > 0 ? direct : throw Malformed("they end in the middle");
            }

            await FillAsync(cancellationToken).ConfigureAwait(false);
        }

        int read = Math.Min(buffer.Length, _end - _start);
        _buffer.AsMemory(_start, read).CopyTo(buffer);
        _start += read;
        return read;
    }

    private async Task<string> LineAsync(CancellationToken cancellationToken) =>
        await TryLineAsync(cancellationToken).ConfigureAwait(false) ?? throw Malformed("they end in the middle");

    /// <summary>Some clients leave out the empty line at the very end.</summary>
    private async Task<string> LastLineAsync(CancellationToken cancellationToken) =>
        await TryLineAsync(cancellationToken).ConfigureAwait(false) ?? "";

    private async Task<string?> TryLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8);
            if (length >= 0)
            {
                string line = Encoding.ASCII.GetString(_buffer, _start, length);
                _start += length + 2;
                return line;
            }

            if (_end - _start > LineBytesMax)
            {
                throw Malformed($"a line has more than {LineBytesMax} bytes");
            }

            if (!await TryFillAsync(cancellationToken).ConfigureAwait(false))
            {
                return _end == _start ? null : throw Malformed("they end in the middle of a line");
            }
        }
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        if (!await TryFillAsync(cancellationToken).ConfigureAwait(false))
        {
            throw Malformed("they end in the middle");
        }
    }

    private async Task<bool> TryFillAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        int read = await inner.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }
}
