using Google.Protobuf;
using Lepton.Rpc;

namespace Lepton.Training.ParameterServer;

/// <summary>
/// Sends messages in order from whoever must not wait, many in one write. What waits is bounded by what the protocol
/// lets be asked for: one answer a worker, one entry a worker to a backup. Thread safe.
/// </summary>
internal sealed class Outgoing<T>(Func<IEnumerable<T>, ValueTask> write)
    where T : class, IMessage<T>
{
    private readonly Lock _lock = new();
    private List<T> _waiting = [];
    private bool _pumping;

    public void Send(IEnumerable<T> messages)
    {
        lock (_lock)
        {
            _waiting.AddRange(messages);
            if (_pumping)
            {
                return;
            }

            _pumping = true;
        }

        _ = PumpAsync();
    }

    public void Send(T message) => Send([message]);

    private async Task PumpAsync()
    {
        while (true)
        {
            List<T> batch;
            lock (_lock)
            {
                if (_waiting.Count == 0)
                {
                    _pumping = false;
                    return;
                }

                batch = _waiting;
                _waiting = [];
            }

            try
            {
                await write(batch).ConfigureAwait(false);
            }
            catch (Exception e) when (
                e is RpcException or IOException or InvalidOperationException or OperationCanceledException)
            {
                // The stream is broken. Whoever reads from it sees that too, and acts on it.
                return;
            }
        }
    }
}
