using System.Security.Cryptography;
using Lepton.Core.Streams;
using Lepton.Storage.S3.Answers;

namespace Lepton.Storage.S3.Bodies;

/// <summary>Passes a body on and, at its end, compares its SHA-256 with what was signed.</summary>
internal sealed class HashedStream : ReadOnlyStream
{
    private readonly Stream _inner;
    private readonly string? _expected;
    private readonly IncrementalHash? _hash;
    private bool _isChecked;

    /// <param name="inner">The body; not disposed with this.</param>
    /// <param name="expected">The hash in hexadecimal; null for none.</param>
    public HashedStream(Stream inner, string? expected)
    {
        (_inner, _expected) = (inner, expected);
        _hash = expected is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    }

    /// <exception cref="S3Exception">The end is reached, and the hash is another.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await _inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (_hash is null || _isChecked)
        {
            return read;
        }

        _hash.AppendData(buffer.Span[..read]);
        if (read == 0 && buffer.Length > 0)
        {
            _isChecked = true;
            string found = Convert.ToHexStringLower(_hash.GetHashAndReset());
            if (!found.Equals(_expected, StringComparison.OrdinalIgnoreCase))
            {
                throw new S3Exception(
                    S3Error.ContentSha256Mismatch,
                    $"The body's SHA-256 is {found}, and x-amz-content-sha256 says {_expected}. It changed on the " +
                    "way; " +
                    "send it again.");
            }
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        _hash?.Dispose();
        base.Dispose(disposing);
    }
}
