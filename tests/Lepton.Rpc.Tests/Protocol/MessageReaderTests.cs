using System.IO.Pipelines;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Lepton.Rpc.Protocol;

namespace Lepton.Rpc.Tests.Protocol;

public sealed class MessageReaderTests
{
    [Fact]
    public void ReadAsync_AnyMessagesInAnyPieces_ComeOutWhole() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[][]>(), ArbMap.Default.ArbFor<PositiveInt>(), (payloads, pieceBytes) =>
        {
            PooledBuffer wire = new();
            foreach (byte[] payload in payloads)
            {
                FrameFormat.Write(wire, new Note { Payload = ByteString.CopyFrom(payload) });
            }

            List<Note> read = ReadInPieces(wire.WrittenMemory, pieceBytes.Get).GetAwaiter().GetResult();
            wire.Release();
            return read.Select(note => note.Payload.ToByteArray()).SequenceEqual(payloads, ByteArrays);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task ReadAsync_MessageLargerThanOneSpan_ComesOutWhole()
    {
        byte[] payload = new byte[300_000];
        for (int i = 0; i < payload.Length; i++)
        {
            payload[i] = (byte)(i * 7);
        }

        PooledBuffer wire = new();
        FrameFormat.Write(wire, new Note { Payload = ByteString.CopyFrom(payload) });
        List<Note> read = await ReadInPieces(wire.WrittenMemory, 1000);
        wire.Release();
        Assert.Equal(payload, Assert.Single(read).Payload.ToByteArray());
    }

    private static IEqualityComparer<byte[]> ByteArrays { get; } =
        EqualityComparer<byte[]>.Create((a, b) => a.AsSpan().SequenceEqual(b), a => a.Length);

    private static async Task<List<Note>> ReadInPieces(ReadOnlyMemory<byte> wire, int pieceBytes)
    {
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
        Task writing = Task.Run(async () =>
        {
            for (int at = 0; at < wire.Length; at += pieceBytes)
            {
                await pipe.Writer.WriteAsync(wire.Slice(at, Math.Min(pieceBytes, wire.Length - at)));
            }

            await pipe.Writer.CompleteAsync();
        });
        MessageReader<Note> reader = new(
            pipe.Reader, Note.Parser, int.MaxValue, null, status => new RpcException(status.Code, status.Detail));
        List<Note> read = [];
        while (await reader.ReadAsync(CancellationToken.None) is { } note)
        {
            read.Add(note);
        }

        await writing;
        return read;
    }
}
