using Google.Protobuf;

namespace Lepton.Rpc;

/// <summary>
/// Sends a stream's messages in order for whoever must not wait, many in one write. It does not bound what waits: the
/// protocol above it has to. Thread safe.
/// </summary>
/// <typeparam name="T">The messages.</typeparam>
/// <param name="write">
/// Writes messages to the stream, such as <c>WriteManyAsync</c> of a call; one call of it at a time.
/// </param>
public sealed class RpcOutgoing<T>(Func<IEnumerable<T>, ValueTask> write)
    where T : class, IMessage<T>
{
    private readonly Lock _lock = new();
    private List<T> _waiting = [];
    private bool _pumping;

    /// <summary>Sends a message behind those before it. Once the stream is broken, nothing is sent.</summary>
    public void Send(T message)
    {
        bool starts;
        lock (_lock)
        {
            _waiting.Add(message);
            starts = Starts();
        }

        if (starts)
        {
            _ = PumpAsync();
        }
    }

    /// <summary>Sends messages one behind the other, with no others between.</summary>
    public void Send(IEnumerable<T> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        bool starts;
        lock (_lock)
        {
            _waiting.AddRange(messages);
            starts = Starts();
        }

        if (starts)
        {
            _ = PumpAsync();
        }
    }

    // Within the lock.
    private bool Starts()
    {
        bool starts = !_pumping;
        _pumping = true;
        return starts;
    }

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
