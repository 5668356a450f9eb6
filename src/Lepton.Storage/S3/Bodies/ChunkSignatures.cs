using System.Security.Cryptography;
using Lepton.Storage.S3.Answers;
using Lepton.Storage.S3.Signing;

namespace Lepton.Storage.S3.Bodies;

/// <summary>
/// The chain of signatures of a body's chunks, each of which signs the one before it ("Signature Calculations for the
/// Authorization Header: Transferring Payload in Multiple Chunks").
/// </summary>
internal sealed class ChunkSignatures(byte[] key, string timestamp, string scope, string seed)
{
    private string _previous = seed;

    /// <summary>Checks the next chunk's.</summary>
    /// <exception cref="S3Exception">It is wrong.</exception>
    public void Check(ReadOnlySpan<byte> chunkHash, string given) => Next(
        $"AWS4-HMAC-SHA256-PAYLOAD\n{timestamp}\n{scope}\n{_previous}\n{SigningKey.EmptyHash}\n" +
        Convert.ToHexStringLower(chunkHash), given, "a chunk");

    /// <summary>Checks that of the headers behind the last chunk.</summary>
    /// <exception cref="S3Exception">It is wrong.</exception>
    public void CheckTrailer(string trailers, string given) => Next(
        $"AWS4-HMAC-SHA256-TRAILER\n{timestamp}\n{scope}\n{_previous}\n{SigningKey.Hash(trailers)}", given,
        "the trailing headers");

    private void Next(string text, string given, string what)
    {
        _previous = SigningKey.Sign(key, text);
        if (!CryptographicOperations.FixedTimeEquals(
            System.Text.Encoding.UTF8.GetBytes(_previous), System.Text.Encoding.UTF8.GetBytes(given)))
        {
            throw new S3Exception(
                S3Error.SignatureDoesNotMatch,
                $"The signature of {what} of the body is wrong: it changed on the way. Send it again.");
        }
    }
}
