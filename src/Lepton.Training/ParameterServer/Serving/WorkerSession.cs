using Lepton.Rpc;
using Lepton.Rpc.Server;
using Lepton.Torch;
using Lepton.Training.Protocol;

namespace Lepton.Training.ParameterServer.Serving;

/// <summary>A worker's stream: what came of a row so far, and what goes out.</summary>
internal sealed class WorkerSession(RpcServerStream<FromWorker, ToWorker> stream)
{
    private Tensor? _row;

    /// <summary>Which worker; -1 before it said so.</summary>
    public int Worker { get; set; } = -1;

    /// <summary>How many elements a row has; 0 before the worker said so.</summary>
    public long Elements { get; set; }

    public RpcOutgoing<ToWorker> Outgoing { get; } = new(messages => stream.WriteManyAsync(messages));

    /// <summary>Puts a chunk into the row that is coming.</summary>
    public void Take(Chunk chunk)
    {
        _row ??= Lepton.Torch.Torch.Empty([Elements]).Persist();
        ShareChunks.Fill(_row.AsSpan<float>(), chunk);
    }

    /// <summary>The row that came; the caller's now.</summary>
    public Tensor TakeRow()
    {
        Tensor row = _row ?? (Elements == 0
            ? Lepton.Torch.Torch.Empty([0]).Persist()
            : throw new InvalidDataException("A row was announced, but no chunk of it came."));
        _row = null;
        return row;
    }

    public void Refuse(string reason, bool isBackup = false) => Outgoing.Send(new ToWorker
    {
        Refusal = new Refusal { Reason = reason, IsBackup = isBackup },
    });

    /// <summary>Frees a row that was cut off.</summary>
    public void Close() => _row?.Dispose();
}
