using System.Net.Http.Headers;
using System.Text;
using Lepton.Rpc.Client;
using Lepton.Rpc.Server;
using Lepton.Rpc.Tests.Protocol;

namespace Lepton.Rpc.Tests.Server;

public sealed class AuthorityPatchTests : RpcTest
{
    // :method POST, :scheme http, then :authority as a literal that enters the table.
    private const string Before = "8386";

    [Theory]
    [InlineData("http://127.0.0.1:2379", "httpj--127.0.0.1:2379")]
    [InlineData("https://db:2379", "httpsj--db:2379")]
    public void Apply_SchemeInPlainText_IsOverwritten(string authority, string patched)
    {
        byte[] block = [.. Convert.FromHexString(Before), 0x41, (byte)authority.Length,
            .. Encoding.ASCII.GetBytes(authority)];

        Assert.True(AuthorityPatch.Apply(block));
        Assert.Equal(patched, Encoding.ASCII.GetString(block[4..]));
    }

    [Fact]
    public void Apply_SchemeInHuffmanCode_IsOverwrittenInTheSameLength()
    {
        // "http://a:1" and "httpj--a:1", padded with ones.
        byte[] block = [.. Convert.FromHexString(Before), 0x41, 0x88, .. Pack("100111 01001 01001 101011 1011100 " +
            "011000 011000 00011 1011100 00001")];
        byte[] patched = Pack("100111 01001 01001 101011 1110100 010110 010110 00011 1011100 00001");

        Assert.True(AuthorityPatch.Apply(block));
        Assert.Equal(patched, block[4..]);
    }

    [Fact]
    public void Apply_HostAlone_IsLeftAsItIs()
    {
        byte[] block = [.. Convert.FromHexString(Before), 0x41, 9, .. "127.0.0.1"u8];
        byte[] copy = [.. block];

        Assert.False(AuthorityPatch.Apply(block));
        Assert.Equal(copy, block);
    }

    [Fact]
    public void Apply_AnyBytes_NeverThrows()
    {
        Core.Randomness.SeededRandom random = new(3);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] block = new byte[random.NextInt32(40)];
            for (int i = 0; i < block.Length; i++)
            {
                block[i] = (byte)random.NextInt32(256);
            }

            AuthorityPatch.Apply(block);
        }
    }

    [Fact]
    public async Task Serve_AuthorityWithScheme_IsAnswered()
    {
        Services.MapUnary(Echo.Unary, (request, _) => Task.FromResult(request));
        RpcServer server = await ServeAsync();
        using SocketsHttpHandler handler = new();
        using HttpMessageInvoker client = new(handler);
        for (int call = 0; call < 3; call++)
        {
            using HttpRequestMessage request = new(HttpMethod.Post, new Uri(server.Address, Echo.Unary.Path))
            {
                Version = new Version(2, 0),
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ByteArrayContent([0, 0, 0, 0, 0]),
            };
            request.Headers.TryAddWithoutValidation("Host", $"http://{server.Address.Authority}");
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");

            using HttpResponseMessage response = await client.SendAsync(request, CancellationToken.None);
            Assert.Equal(200, (int)response.StatusCode);
            Assert.Equal([0, 0, 0, 0, 0], await response.Content.ReadAsByteArrayAsync());
        }
    }

    private static byte[] Pack(string bits)
    {
        string joined = bits.Replace(" ", "", StringComparison.Ordinal);
        joined = joined.PadRight((joined.Length + 7) / 8 * 8, '1');
        return [.. Enumerable.Range(0, joined.Length / 8).Select(i => Convert.ToByte(joined.Substring(i * 8, 8), 2))];
    }
}
