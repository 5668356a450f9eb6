using Lepton.Rpc;
using Lepton.Rpc.Server;
using Lepton.Torch;
using Lepton.Training.Protocol;

namespace Lepton.Training.ParameterServer.Serving;

/// <summary>A primary's stream to its backup.</summary>
internal sealed class BackupLink(RpcServerStream<FromBackup, ToBackup> stream)
{
    private readonly RpcOutgoing<ToBackup> _outgoing = new(messages => stream.WriteManyAsync(messages));
    private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Fails where the other copy was refused.</summary>
    public Task Refused => _refused.Task;

    public void Refuse(string reason) =>
        _refused.TrySetException(new RpcException(StatusCode.FailedPrecondition, reason));

    /// <summary>Sends all of a state; null: there is none yet.</summary>
    public void Send(ServerState? state, long sequence)
    {
        (List<Chunk> chunks, State whole) = state?.Export(sequence) ?? ([], new State { Sequence = sequence });
        _outgoing.Send([
            .. chunks.Select(static chunk => new ToBackup { Chunk = chunk }), new ToBackup { State = whole },
        ]);
    }

    /// <summary>Sends an entry, with a copy of the row that belongs to it.</summary>
    public void Send(Entry entry, Tensor? values)
    {
        List<Chunk> chunks = values is null ? [] : ShareChunks.Cut(values.AsSpan<float>());
        _outgoing.Send([
            .. chunks.Select(static chunk => new ToBackup { Chunk = chunk }), new ToBackup { Entry = entry },
        ]);
    }
}
