using System.Globalization;
using Lepton.Storage.Checksums;
using Lepton.Storage.Keys;
using Lepton.Storage.S3.Answers;
using Lepton.Storage.S3.Bodies;
using Lepton.Storage.S3.Requests;
using Microsoft.AspNetCore.Http;

namespace Lepton.Storage.S3;

/// <summary>One request whose sender is known, and its answer.</summary>
internal sealed class S3Call(S3Request request, AccessKey key, BodySecurity body, string requestId)
{
    /// <summary>The most bytes of a body that is read into memory: XML of some 10,000 parts or 1,000 keys.</summary>
    private const int XmlBytesMax = 8 * 1024 * 1024;

    public S3Request Request => request;

    public AccessKey Key => key;

    public string RequestId => requestId;

    public HttpResponse Response => request.Http.Response;

    public CancellationToken Aborted => request.Aborted;

    /// <summary>Opens the body, once.</summary>
    public RequestBody OpenBody() => body.Open(request);

    /// <summary>Reads the whole body, which is XML, and checks it.</summary>
    /// <exception cref="S3Exception">It is too large, or not what was signed or summed.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadXmlAsync(ChecksumHeaders checksums)
    {
        RequestBody opened = OpenBody();
        ReadOnlyMemory<byte> bytes = await opened.ReadAllAsync(XmlBytesMax, Aborted).ConfigureAwait(false);
        using ContentDigests digests = new(checksums.Kinds);
        digests.Append(bytes.Span);
        checksums.Check(digests, opened.Trailers);
        return bytes;
    }

    /// <summary>A number of the query.</summary>
    /// <exception cref="S3Exception">It is none, or out of bounds.</exception>
    public int Number(string name, int otherwise, int min, int max)
    {
        string? text = request.Get(name);
        if (text is null)
        {
            return otherwise;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value < min)
        {
            throw new S3Exception(
                S3Error.InvalidArgument, $"{name} is '{text}'; expected a whole number from {min} to {max}.");
        }

        return Math.Min(value, max);
    }

    /// <summary>Answers with XML.</summary>
    public async Task AnswerAsync(byte[] xml, int status = StatusCodes.Status200OK)
    {
        Response.StatusCode = status;
        Response.ContentType = "application/xml";
        Response.ContentLength = xml.Length;
        await Response.Body.WriteAsync(xml, Aborted).ConfigureAwait(false);
    }
}
