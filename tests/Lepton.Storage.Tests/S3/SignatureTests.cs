using System.Text;
using Lepton.Storage.S3.Answers;
using Lepton.Storage.S3.Bodies;
using Lepton.Storage.S3.Requests;
using Lepton.Storage.S3.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Lepton.Storage.Tests.S3;

/// <summary>The examples of AWS's documentation of Signature V4 for S3, with their published signatures.</summary>
public sealed class SignatureTests
{
    private const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private const string Timestamp = "20130524T000000Z";
    private static readonly CredentialScope s_scope = new("20130524", "us-east-1", "s3");

    [Fact]
    public void Sign_GetObjectExample_IsAsPublished()
    {
        S3Request request = Request("GET", "/test.txt", ("Range", "bytes=0-9"),
            ("x-amz-content-sha256", SigningKey.EmptyHash), ("x-amz-date", Timestamp));
        Assert.Equal(
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            Sign(request, ["host", "range", "x-amz-content-sha256", "x-amz-date"], SigningKey.EmptyHash));
    }

    [Fact]
    public void Sign_PresignedExample_IsAsPublished()
    {
        S3Request request = Request(
            "GET",
            "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1" +
            "%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host");
        Assert.Equal(
            "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
            Sign(request, ["host"], BodySecurity.Unsigned));
    }

    [Fact]
    public async Task Read_ChunkedExample_VerifiesThePublishedSignatures()
    {
        AwsChunkedStream stream = Chunked(Example());
        using MemoryStream read = new();
        await stream.CopyToAsync(read, TestContext.Current.CancellationToken);
        Assert.Equal(66_560, read.Length);
        Assert.All(read.ToArray(), value => Assert.Equal((byte)'a', value));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(65_700)]
    public async Task Read_ChunkThatWasChanged_IsRefused(int offset)
    {
        byte[] body = Example();
        body[offset] = (byte)'b';
        S3Exception e = await Assert.ThrowsAsync<S3Exception>(() => Chunked(body).CopyToAsync(
            Stream.Null, TestContext.Current.CancellationToken));
        Assert.Equal(S3Error.SignatureDoesNotMatch, e.Error);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(1000)]
    [InlineData(66_000)]
    public async Task Read_ChunksThatEndEarly_AreIncomplete(int length)
    {
        S3Exception e = await Assert.ThrowsAsync<S3Exception>(() => Chunked(Example()[..length]).CopyToAsync(
            Stream.Null, TestContext.Current.CancellationToken));
        Assert.Equal(S3Error.IncompleteBody, e.Error);
    }

    private static AwsChunkedStream Chunked(byte[] body) => new(
        new MemoryStream(body),
        new ChunkSignatures(
            SigningKey.Derive(Secret, s_scope), Timestamp, s_scope.ToString(),
            "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"),
        66_560, hasTrailer: false);

    private static byte[] Example() => Encoding.ASCII.GetBytes(
        "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" +
        new string('a', 65_536) + "\r\n" +
        "400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" +
        new string('a', 1024) + "\r\n" +
        "0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n");

    private static string Sign(S3Request request, string[] headers, string payload) => SigningKey.Sign(
        SigningKey.Derive(Secret, s_scope),
        $"AWS4-HMAC-SHA256\n{Timestamp}\n{s_scope}\n" +
        SigningKey.Hash(CanonicalRequest.Of(request, headers, payload)));

    private static S3Request Request(string method, string target, params (string Name, string Value)[] headers)
    {
        DefaultHttpContext http = new();
        http.Request.Method = method;
        http.Request.Headers.Host = "examplebucket.s3.amazonaws.com";
        http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        foreach ((string name, string value) in headers)
        {
            http.Request.Headers[name] = value;
        }

        return S3Request.Parse(http, ["s3.amazonaws.com"]);
    }
}
