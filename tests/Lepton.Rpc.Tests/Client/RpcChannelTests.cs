using Lepton.Rpc.Client;
using Lepton.Rpc.Tests.Protocol;

namespace Lepton.Rpc.Tests.Client;

public sealed class RpcChannelTests : RpcTest
{
    [Fact]
    public async Task UnaryAsync_Served_ReturnsTheResponse()
    {
        Services.MapUnary(Echo.Unary, (request, _) => Task.FromResult(NoteOf(request.Number + 1, request.Text)));
        RpcChannel channel = await ServeAndConnectAsync();
        Note response = await channel.UnaryAsync(Echo.Unary, NoteOf(41, "grüße"));
        Assert.Equal(NoteOf(42, "grüße"), response);
    }

    [Fact]
    public async Task ServerStreaming_Served_YieldsAllInOrder()
    {
        Services.MapServerStreaming(Echo.Many, async (request, responses, _) =>
        {
            for (int i = 0; i < request.Number; i++)
            {
                await responses.WriteAsync(NoteOf(i));
            }
        });
        RpcChannel channel = await ServeAndConnectAsync();
        List<long> numbers = [];
        await foreach (Note note in channel.ServerStreaming(Echo.Many, NoteOf(1000)))
        {
            numbers.Add(note.Number);
        }

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (long)i), numbers);
    }

    [Fact]
    public async Task OpenDuplex_Echo_ReturnsAllInOrder()
    {
        Services.MapDuplex(Echo.Chat, async (stream, _) =>
        {
            await foreach (Note note in stream.ReadAllAsync())
            {
                await stream.WriteAsync(note);
            }
        });
        RpcChannel channel = await ServeAndConnectAsync();
        await using RpcDuplexCall<Note, Note> call = channel.OpenDuplex(Echo.Chat);
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                await call.WriteAsync(NoteOf(i));
            }

            call.Complete();
        });
        long expected = 0;
        await foreach (Note note in call.ReadAllAsync())
        {
            Assert.Equal(expected++, note.Number);
        }

        await writing;
        Assert.Equal(20_000, expected);
    }
}
