using System.Diagnostics;
using System.Text.Json;
using Google.Protobuf;
using Lepton.Rpc.Client;
using Lepton.Rpc.Server;
using Lepton.Rpc.Tests.Protocol;

namespace Lepton.Rpc.Tests.Interop;

/// <summary>Our server under an unmodified gRPC client, and our client at an unmodified server.</summary>
public sealed class NodeGrpcTests : RpcTest
{
    [Fact]
    public async Task Server_UnmodifiedClient_IsServedInEveryKindOfCall()
    {
        await NodeGrpc.RequireAsync();
        MapAll();
        RpcServer server = await ServeAsync();
        using Process node = NodeGrpc.StartScript("client", server.Address.Authority);
        node.StandardInput.Close();
        Task<string> errors = node.StandardError.ReadToEndAsync();
        string output = await Step(node.StandardOutput.ReadToEndAsync(), "the client is done");
        Assert.Equal("", await errors);
        List<string> results = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToList();
        string hundredZeros = new('0', 200);
        Assert.Equal(
        [
            """{"call":"Unary","head":["hello"],"tail":["00c803"],"code":0,"detail":"","response":"0805"}""",
            """{"call":"Unary","head":["hello"],"tail":["00c803"],"code":0,"detail":"","response":"08051a64""" +
                hundredZeros + "\"}",
            """{"call":"Refuses","tail":[],"code":9,"detail":"100% café","response":""}""",
            """{"call":"Nothing","tail":[],"code":12,"detail":"the service lepton.rpc.tests.Echo """ +
                """of this server has no method 'Nothing'","response":""}""",
            """{"call":"Waits","tail":[],"code":4,"response":""}""",
            """{"call":"Waits","tail":[],"code":1,"response":""}""",
            """{"call":"Large","code":0,"same":true}""",
            """{"call":"Many","code":0,"detail":"","count":100,"first":"","last":"0863"}""",
            """{"call":"Sum","code":0,"response":"0837"}""",
            """{"call":"Chat","code":0,"detail":"","count":5000,"first":"","last":"0863"}""",
        ], results.Select(Normal));
    }

    [Fact]
    public async Task Channel_UnmodifiedServer_IsCalledInEveryKindOfCall()
    {
        await NodeGrpc.RequireAsync();
        using Process node = NodeGrpc.StartScript("server");
        try
        {
            string? line = await Step(node.StandardOutput.ReadLineAsync(), "the server listens");
            int port = JsonDocument.Parse(line!).RootElement.GetProperty("port").GetInt32();
            await CallAllAsync(Channel(new Uri($"http://127.0.0.1:{port}")));
        }
        finally
        {
            node.StandardInput.Close();
            await Step(node.WaitForExitAsync(), "the server ends");
        }
    }

    // The order of Node's events decides the order of the keys, and its timing the words of what it ends itself.
    private static string Normal(string json)
    {
        Dictionary<string, JsonElement> values = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!;
        if (values["call"].GetString() == "Waits")
        {
            values.Remove("detail");
        }

        string[] order = ["call", "head", "tail", "code", "detail", "response", "same", "count", "first", "last"];
        IEnumerable<string> pairs = order.Where(values.ContainsKey).Select(
            key => $"\"{key}\":{values[key].GetRawText()}");
        return "{" + string.Join(',', pairs) + "}";
    }

    private static async Task CallAllAsync(RpcChannel channel)
    {
        RpcMetadata sent = [];
        sent.Add("word", "hello");
        RpcMetadata? headers = null;
        RpcMetadata? trailers = null;
        Note answer = await channel.UnaryAsync(Echo.Unary, NoteOf(5), new RpcCallOptions
        {
            Metadata = sent,
            OnHeaders = got => headers = got,
            OnTrailers = got => trailers = got,
        });
        Assert.Equal(NoteOf(5), answer);
        Assert.Equal("hello", headers!.GetText("head"));
        Assert.Equal([255, 0], trailers!.GetBytes("tail-bin"));

        RpcException e = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(Echo.Unary, new Note()));
        Assert.Equal((StatusCode.FailedPrecondition, "empty – bad"), (e.StatusCode, e.Detail));
        e = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(Echo.Method("Nothing"), NoteOf(1)));
        Assert.Equal(StatusCode.Unimplemented, e.StatusCode);

        int many = 0;
        await foreach (Note note in channel.ServerStreaming(Echo.Many, NoteOf(100)))
        {
            many++;
        }

        Assert.Equal(100, many);
        Assert.Equal(NoteOf(55), await channel.ClientStreamingAsync(
            Echo.Sum, Enumerable.Range(1, 10).Select(i => NoteOf(i)).ToAsyncEnumerable()));

        await using RpcDuplexCall<Note, Note> chat = channel.OpenDuplex(Echo.Chat);
        Task writing = Task.Run(async () =>
        {
            await chat.WriteManyAsync(Enumerable.Range(0, 5000).Select(i => NoteOf(i)));
            chat.Complete();
        });
        long expected = 0;
        await foreach (Note note in chat.ReadAllAsync())
        {
            Assert.Equal(expected++, note.Number);
        }

        await writing;
        Assert.Equal(5000, expected);
    }

    private void MapAll()
    {
        Services.MapUnary(Echo.Unary, (request, call) =>
        {
            call.ResponseHeaders.Add("head", call.RequestMetadata.GetText("word")!);
            call.ResponseTrailers.Add("tail-bin", call.RequestMetadata.GetBytes("raw-bin"));
            return Task.FromResult(request);
        });
        Services.MapUnary(Echo.Method("Refuses"),
            (_, _) => throw new RpcException(StatusCode.FailedPrecondition, "100% café"));
        Services.MapUnary(Echo.Method("Waits"), async (request, call) =>
        {
            await new TaskCompletionSource().Task.WaitAsync(call.CancellationToken);
            return request;
        });
        Services.MapServerStreaming(Echo.Many, async (request, responses, _) =>
        {
            for (int i = 0; i < request.Number; i++)
            {
                await responses.WriteAsync(NoteOf(i));
            }
        });
        Services.MapClientStreaming(Echo.Sum, async (requests, _) =>
            NoteOf(await requests.Select(note => note.Number).SumAsync()));
        Services.MapDuplex(Echo.Chat, async (stream, _) =>
        {
            await foreach (Note note in stream.ReadAllAsync())
            {
                await stream.WriteAsync(note);
            }
        });
    }
}
