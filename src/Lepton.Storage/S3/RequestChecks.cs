using Lepton.Storage.Checksums;
using Lepton.Storage.S3.Bodies;
using Lepton.Storage.S3.Requests;

namespace Lepton.Storage.S3;

/// <summary>The checksums of a body that is read into memory.</summary>
internal sealed class RequestChecks(ChecksumHeaders checksums)
{
    private const int XmlBytesMax = 8 * 1024 * 1024;

    public static RequestChecks Of(S3Call call) => new(ChecksumHeaders.Parse(call.Request));

    /// <summary>Reads the body and checks it.</summary>
    public async Task<ReadOnlyMemory<byte>> ReadXmlAsync(S3Call call)
    {
        RequestBody body = call.OpenBody();
        ReadOnlyMemory<byte> bytes = await body.ReadAllAsync(XmlBytesMax, call.Aborted).ConfigureAwait(false);
        using ContentDigests digests = new(checksums.Kinds);
        digests.Append(bytes.Span);
        checksums.Check(digests, body.Trailers);
        return bytes;
    }
}
