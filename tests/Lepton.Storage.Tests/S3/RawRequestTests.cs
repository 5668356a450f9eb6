using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using Lepton.Storage.Hosting;
using Lepton.Storage.Keys;
using Lepton.Storage.S3.Signing;

namespace Lepton.Storage.Tests.S3;

/// <summary>Requests as no well-behaved client sends them, and as browsers do.</summary>
public sealed class RawRequestTests(StorageFixture storage) : S3Test(storage)
{
    [Fact]
    public async Task Get_Presigned_IsReadWithoutAnythingElse()
    {
        await PutAsync("a b", [1, 2]);
        using HttpClient http = new();
        Assert.Equal([1, 2], await http.GetByteArrayAsync(Presign("a b", HttpVerb.GET), Cancellation));
        using HttpResponseMessage changed = await http.GetAsync(
            Presign("a b", HttpVerb.GET).Replace("a%20b", "other", StringComparison.Ordinal), Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, changed.StatusCode);
    }

    [Fact]
    public async Task Put_Presigned_IsTaken()
    {
        using HttpClient http = new();
        using ByteArrayContent content = new([5, 6]);
        using HttpResponseMessage answer = await http.PutAsync(Presign("a", HttpVerb.PUT), content, Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal([5, 6], await GetAsync("a"));
    }

    [Fact]
    public async Task Get_PresignedAndExpired_IsRefused()
    {
        string url = await SignedUrlAsync("/" + Bucket + "/a", TimeProvider.System.GetUtcNow().AddHours(-2), 3600);
        using HttpClient http = new();
        using HttpResponseMessage answer = await http.GetAsync(url, Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("expired", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_VirtualHost_IsTheBucketsObject()
    {
        await PutAsync("dir/a", [9]);
        StorageNode node = await storage.NodeAsync();
        using AmazonS3Client s3 = await storage.NewS3Async(null, config =>
        {
            config.ForcePathStyle = false;
            config.ServiceURL = $"http://localhost:{node.Address.Port}";
        });
        string url = await s3.GetPreSignedURLAsync(new GetPreSignedUrlRequest
        {
            BucketName = Bucket,
            Key = "dir/a",
            Protocol = Amazon.S3.Protocol.HTTP,
            Expires = TimeProvider.System.GetUtcNow().AddMinutes(5).UtcDateTime,
        });
        Assert.Contains($"//{Bucket}.localhost", url, StringComparison.Ordinal);
        using SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancellation) =>
            {
                Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, node.Address.Port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using HttpClient http = new(handler);
        Assert.Equal([9], await http.GetByteArrayAsync(url, Cancellation));
    }

    [Fact]
    public async Task Send_Unsigned_IsAccessDenied()
    {
        StorageNode node = await storage.NodeAsync();
        using HttpClient http = new();
        using HttpResponseMessage answer = await http.GetAsync(new Uri(node.Address, Bucket + "/a"), Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("<Code>AccessDenied</Code>", await answer.Content.ReadAsStringAsync(Cancellation),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM " +
        "'file:///etc/passwd'>]><Delete><Object><Key>&e;</Key></Object></Delete>")]
    [InlineData("<Delete><Object>")]
    [InlineData("<Other/>")]
    [InlineData("")]
    public async Task DeleteMany_BadXml_IsMalformed(string body)
    {
        using HttpResponseMessage answer = await SendAsync(
            HttpMethod.Post, $"/{Bucket}?delete", new StringContent(body), TimeProvider.System.GetUtcNow());
        string text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("<Code>MalformedXML</Code>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_EncryptionOfABucketThatHasNone_IsS3sOwnError()
    {
        using HttpResponseMessage answer = await SendAsync(
            HttpMethod.Get, $"/{Bucket}?encryption", null, TimeProvider.System.GetUtcNow());
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("<Code>ServerSideEncryptionConfigurationNotFoundError</Code>",
            await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_ClockFarOff_IsTooSkewed()
    {
        using HttpResponseMessage answer = await SendAsync(
            HttpMethod.Get, $"/{Bucket}", null, TimeProvider.System.GetUtcNow().AddMinutes(-20));
        Assert.Contains("<Code>RequestTimeTooSkewed</Code>", await answer.Content.ReadAsStringAsync(Cancellation),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_BodyThatIsNotWhatWasSigned_IsRefused()
    {
        using HttpResponseMessage answer = await SendAsync(
            HttpMethod.Put, $"/{Bucket}/a", new StringContent("changed"), TimeProvider.System.GetUtcNow(),
            SigningKey.Hash("original"));
        Assert.Contains("<Code>XAmzContentSHA256Mismatch</Code>",
            await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        await FailsAsync("NoSuchKey", () => GetAsync("a"));
    }

    [Fact]
    public async Task Put_BodyShorterThanAnnounced_LeavesNothingAndTheNextIsServed()
    {
        StorageNode node = await storage.NodeAsync();
        string url = await SignedUrlAsync($"/{Bucket}/a", TimeProvider.System.GetUtcNow(), 60, "PUT");
        using (TcpClient client = new())
        {
            await client.ConnectAsync(IPAddress.Loopback, node.Address.Port, Cancellation);
            byte[] head = Encoding.ASCII.GetBytes(
                $"PUT {new Uri(url).PathAndQuery} HTTP/1.1\r\nHost: {node.Address.Authority}\r\n" +
                "Content-Length: 1000\r\n\r\nshort");
            await client.GetStream().WriteAsync(head, Cancellation);
        }

        await PutAsync("b", [1]);
        await FailsAsync("NoSuchKey", () => GetAsync("a"));
    }

    [Fact]
    public async Task DeleteMany_DeeplyNestedXml_IsMalformedAndTheNodeLives()
    {
        using HttpResponseMessage answer = await SendAsync(
            HttpMethod.Post, $"/{Bucket}?delete",
            new StringContent("<Delete><Object><Key>" + string.Concat(Enumerable.Repeat("<a>", 200_000)) +
                string.Concat(Enumerable.Repeat("</a>", 200_000)) + "</Key></Object></Delete>"),
            TimeProvider.System.GetUtcNow());
        Assert.Contains("<Code>MalformedXML</Code>", await answer.Content.ReadAsStringAsync(Cancellation),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeleteMany_KeysThatXmlHardlyHolds_AreDeleted()
    {
        await PutAsync(" ", [1]);
        await PutAsync("\u0001", [1]);
        using HttpResponseMessage answer = await SendAsync(
            HttpMethod.Post, $"/{Bucket}?delete",
            new StringContent("<Delete>\n<Object><Key> </Key></Object>\n<Object><Key>&#1;</Key></Object>" +
                "<Object><Key>a&#0;b</Key></Object></Delete>"),
            TimeProvider.System.GetUtcNow());
        Assert.Contains("<Code>InvalidArgument</Code>", await answer.Content.ReadAsStringAsync(Cancellation),
            StringComparison.Ordinal);
        await FailsAsync("NoSuchKey", () => GetAsync(" "));
        await FailsAsync("NoSuchKey", () => GetAsync("\u0001"));
    }

    [Theory]
    [InlineData("PUT", "", "cors")]
    [InlineData("PUT", "", "uploads")]
    [InlineData("DELETE", "", "uploads")]
    [InlineData("DELETE", "", "newThing")]
    [InlineData("PUT", "/a", "newThing")]
    [InlineData("DELETE", "/a", "delete")]
    public async Task Write_WithAParameterThatIsNotKnown_IsNotImplementedAndDoesNothing(
        string method, string key, string parameter)
    {
        using HttpResponseMessage answer = await SendAsync(
            new HttpMethod(method), $"/{Bucket}{key}?{parameter}", null, TimeProvider.System.GetUtcNow());
        Assert.Equal(HttpStatusCode.NotImplemented, answer.StatusCode);
        await FailsAsync("NoSuchKey", () => GetAsync("a"));
    }

    [Fact]
    public async Task Get_EmptyBucketName_IsInvalid()
    {
        using HttpResponseMessage answer = await SendAsync(
            HttpMethod.Get, $"//{Bucket}/a", null, TimeProvider.System.GetUtcNow());
        Assert.Contains("<Code>InvalidBucketName</Code>", await answer.Content.ReadAsStringAsync(Cancellation),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bytes=1-1", null, 1)]
    [InlineData("bytes=1-1", "ETAG", 1)]
    [InlineData("bytes=1-1", "W/ETAG", 3)]
    [InlineData("bytes=1-1", "\"other\"", 3)]
    [InlineData("bytes=1-1", "Sat, 01 Jan 2000 00:00:00 GMT", 3)]
    [InlineData("bytes=0-0,2-2", null, 3)]
    [InlineData("bytes=1-9223372036854775807", null, 2)]
    public async Task Get_Range_IsGivenWhereItCounts(string range, string? condition, int length)
    {
        string etag = (await PutAsync("a", [1, 2, 3])).ETag;
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Get, Presign("a", HttpVerb.GET));
        request.Headers.TryAddWithoutValidation("Range", range);
        request.Headers.TryAddWithoutValidation(
            "If-Range", condition?.Replace("ETAG", etag, StringComparison.Ordinal));
        using HttpResponseMessage answer = await http.SendAsync(request, Cancellation);
        Assert.Equal(length == 3 ? HttpStatusCode.OK : HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal(length, (await answer.Content.ReadAsByteArrayAsync(Cancellation)).Length);
    }

    private string Presign(string key, HttpVerb verb) => S3.GetPreSignedURL(new GetPreSignedUrlRequest
    {
        BucketName = Bucket,
        Key = key,
        Verb = verb,
        Protocol = Amazon.S3.Protocol.HTTP,
        Expires = TimeProvider.System.GetUtcNow().AddMinutes(5).UtcDateTime,
    });

    [Theory]
    [InlineData(0, "", "HTTP/1.1 200 OK", true)]
    [InlineData(5, "", "HTTP/1.1 100 Continue", false)]
    [InlineData(5, "0", "HTTP/1.1 403 Forbidden", true)]
    public async Task Put_ClientWaitsForContinue_IsToldSoOrItsConnectionEnds(
        int length, string spoilt, string status, bool closes)
    {
        StorageNode node = await storage.NodeAsync();
        string url = await SignedUrlAsync("/" + Bucket + "/a", TimeProvider.System.GetUtcNow(), 600, "PUT");
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, node.Address.Port, Cancellation);
        byte[] head = Encoding.ASCII.GetBytes(
            $"PUT {new Uri(url).PathAndQuery}{spoilt} HTTP/1.1\r\nHost: {node.Address.Authority}\r\n" +
            $"Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n");
        await client.GetStream().WriteAsync(head, Cancellation);
        using StreamReader reader = new(client.GetStream(), Encoding.ASCII, leaveOpen: true);

        string first = await HeadAsync(reader);
        Assert.StartsWith(status, first, StringComparison.Ordinal);
        Assert.Equal(closes, first.Contains("Connection: close", StringComparison.Ordinal));
        if (!closes)
        {
            await client.GetStream().WriteAsync("hello"u8.ToArray(), Cancellation);
            string second = await HeadAsync(reader);
            Assert.StartsWith("HTTP/1.1 200 OK", second, StringComparison.Ordinal);
            Assert.DoesNotContain("Connection: close", second, StringComparison.Ordinal);
        }
    }

    private static async Task<string> HeadAsync(StreamReader reader)
    {
        StringBuilder text = new();
        while (await reader.ReadLineAsync(Cancellation) is { Length: > 0 } line)
        {
            text.AppendLine(line);
        }

        return text.ToString();
    }

    private async Task<string> SignedUrlAsync(string path, DateTimeOffset at, int seconds, string method = "GET")
    {
        StorageNode node = await storage.NodeAsync();
        AccessKey key = await node.Keys.AddAsync([], mayWrite: true, Cancellation);
        string timestamp = at.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        CredentialScope scope = new(timestamp[..8], "us-east-1", "s3");
        string query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" +
            Uri.EscapeDataString($"{key.Id}/{scope}") + $"&X-Amz-Date={timestamp}&X-Amz-Expires=" +
            seconds.ToString(CultureInfo.InvariantCulture) + "&X-Amz-SignedHeaders=host";
        string canonical = $"{method}\n{path}\n{query}\nhost:{node.Address.Authority}\n\nhost\nUNSIGNED-PAYLOAD";
        string signature = SigningKey.Sign(
            SigningKey.Derive(key.Secret, scope),
            $"AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{SigningKey.Hash(canonical)}");
        return $"http://{node.Address.Authority}{path}?{query}&X-Amz-Signature={signature}";
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string target, HttpContent? content, DateTimeOffset at, string payload = "UNSIGNED-PAYLOAD")
    {
        StorageNode node = await storage.NodeAsync();
        AccessKey key = await node.Keys.AddAsync([], mayWrite: true, Cancellation);
        string timestamp = at.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        CredentialScope scope = new(timestamp[..8], "us-east-1", "s3");
        string[] parts = target.Split('?');
        string query = parts.Length > 1 ? parts[1] + "=" : "";
        const string Names = "host;x-amz-content-sha256;x-amz-date";
        string canonical = $"{method.Method}\n{parts[0]}\n{query}\nhost:{node.Address.Authority}\n" +
            $"x-amz-content-sha256:{payload}\nx-amz-date:{timestamp}\n\n{Names}\n{payload}";
        string signature = SigningKey.Sign(
            SigningKey.Derive(key.Secret, scope),
            $"AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{SigningKey.Hash(canonical)}");
        using HttpClient http = new();
        using HttpRequestMessage request = new(method, $"http://{node.Address.Authority}{target}");
        request.Content = content;
        request.Headers.TryAddWithoutValidation("x-amz-date", timestamp);
        request.Headers.TryAddWithoutValidation("x-amz-content-sha256", payload);
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential={key.Id}/{scope}, SignedHeaders={Names}, Signature={signature}");
        return await http.SendAsync(request, Cancellation);
    }
}
