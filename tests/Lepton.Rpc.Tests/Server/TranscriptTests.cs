using Lepton.Rpc.Client;
using Lepton.Rpc.Server;

namespace Lepton.Rpc.Tests.Server;

public sealed class TranscriptTests : RpcTest
{
    public static TheoryData<string> Names => [.. Transcript.Load("frames.txt").Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Server_RawFrames_AnswersAsWrittenAndServesOn(string name)
    {
        Services.MapUnary(Echo.Unary, (request, _) => Task.FromResult(request));
        Services.MapUnary(Echo.Method("Broken"), (_, _) => throw new FormatException("a secret"));
        Services.MapUnary(Echo.Method("Refuses"),
            (_, _) => throw new RpcException(StatusCode.FailedPrecondition, "100% café\n"));
        Services.MapDuplex(Echo.Chat, async (stream, _) =>
        {
            await foreach (var note in stream.ReadAllAsync())
            {
                await stream.WriteAsync(note);
            }
        });
        RpcServer server = await ServeAsync(new RpcServerOptions { MessageBytesMax = 1024 });
        Transcript transcript = Transcript.Load("frames.txt").Single(t => t.Name == name);
        IReadOnlyList<string> actual = await Step(transcript.PlayAsync(server.Address), $"an answer to '{name}'");
        Assert.Equal(string.Join('\n', transcript.Expected), string.Join('\n', actual));

        RpcChannel channel = Channel(server.Address);
        Assert.Equal(NoteOf(7), await channel.UnaryAsync(Echo.Unary, NoteOf(7)));
    }
}
