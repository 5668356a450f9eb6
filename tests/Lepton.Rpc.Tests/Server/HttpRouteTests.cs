using System.Net;
using System.Net.Http.Headers;
using Lepton.Rpc.Client;
using Lepton.Rpc.Server;
using Microsoft.AspNetCore.Http;

namespace Lepton.Rpc.Tests.Server;

public sealed class HttpRouteTests : RpcTest
{
    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task MapHttp_Parameter_IsARouteValueOverBothVersions(string version)
    {
        Services.MapHttp("GET", "/blocks/{id}/part/{n}", context => context.Response.WriteAsync(
            $"{context.Request.RouteValues["id"]}-{context.Request.RouteValues["n"]} {context.Request.Protocol}"));
        RpcServer server = await ServeAsync();
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(server.Address, "/blocks/a%20b/part/2"));
        request.Version = Version.Parse(version);
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using HttpResponseMessage response = await http.SendAsync(request);
        string expected = version == "1.1" ? "HTTP/1.1" : "HTTP/2";
        Assert.Equal($"a b-2 {expected}", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task MapHttp_UnknownPathOrMethod_Is404Or405()
    {
        Services.MapHttp("GET", "/blocks/{id}", context => context.Response.WriteAsync("x"));
        RpcChannel channel = await ServeAndConnectAsync();
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(channel, HttpMethod.Get, "/nothing"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(channel, HttpMethod.Get, "/blocks/1/2"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await StatusAsync(channel, HttpMethod.Put, "/blocks/1"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(channel, HttpMethod.Head, "/blocks/1"));
    }

    [Fact]
    public async Task MapHttp_RangeOfAFile_IsStreamed()
    {
        string folder = Directory.CreateTempSubdirectory("lepton-rpc").FullName;
        try
        {
            string file = Path.Combine(folder, "block");
            byte[] content = new byte[3_000_000];
            for (int i = 0; i < content.Length; i++)
            {
                content[i] = (byte)(i % 251);
            }

            await File.WriteAllBytesAsync(file, content);
            Services.MapHttp("GET", "/blocks/{id}", async context =>
            {
                RangeItemHeaderValue range = RangeHeaderValue.Parse(context.Request.Headers.Range!).Ranges.Single();
                long length = range.To!.Value - range.From!.Value + 1;
                context.Response.StatusCode = StatusCodes.Status206PartialContent;
                context.Response.ContentLength = length;
                await context.Response.SendFileAsync(file, range.From.Value, length, context.RequestAborted);
            });
            RpcChannel channel = await ServeAndConnectAsync();
            HttpRequestMessage request = new(HttpMethod.Get, "/blocks/1");
            request.Headers.Range = new RangeHeaderValue(1_000_000, 2_499_999);
            using HttpResponseMessage response = await channel.SendHttpAsync(request);
            Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
            byte[] part = await response.Content.ReadAsByteArrayAsync();
            Assert.True(part.AsSpan().SequenceEqual(content.AsSpan(1_000_000, 1_500_000)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task MapHttp_HandlerThrowsBeforeTheBody_Is500()
    {
        Services.MapHttp("GET", "/broken", _ => throw new FormatException("a secret"));
        RpcChannel channel = await ServeAndConnectAsync();
        using HttpResponseMessage response = await channel.SendHttpAsync(
            new HttpRequestMessage(HttpMethod.Get, "/broken"));
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("the handler of /broken failed with FormatException, which it did not expect\n",
            await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task MapHttp_HandlerThrowsInTheBody_ResponseIsCutOff()
    {
        Services.MapHttp("GET", "/broken", async context =>
        {
            await context.Response.WriteAsync("half of ");
            throw new FormatException("a secret");
        });
        RpcChannel channel = await ServeAndConnectAsync();
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using HttpResponseMessage response = await channel.SendHttpAsync(
                new HttpRequestMessage(HttpMethod.Get, "/broken"));
            await response.Content.ReadAsStringAsync();
        });
    }

    [Fact]
    public async Task SendHttpAsync_OtherServer_IsRefusedSoThatTheTokenStays()
    {
        RpcChannel channel = await ServeAndConnectAsync();
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(
            () => channel.SendHttpAsync(new HttpRequestMessage(HttpMethod.Get, "http://192.0.2.1/x")));
        Assert.Contains("its token is for that server alone", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("blocks", "does not start with '/'")]
    [InlineData("/blocks/{id}.bin", "mixes text and a parameter")]
    [InlineData("/blocks/{}", "mixes text and a parameter")]
    public void MapHttp_MalformedPattern_SaysWhatIsWrong(string pattern, string expected)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(
            () => Services.MapHttp("GET", pattern, _ => Task.CompletedTask));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> StatusAsync(RpcChannel channel, HttpMethod method, string path)
    {
        using HttpResponseMessage response = await channel.SendHttpAsync(new HttpRequestMessage(method, path));
        return response.StatusCode;
    }
}
