using Lepton.Compute.Protocol;
using Lepton.Rpc;
using Lepton.Rpc.Client;

namespace Lepton.Compute.Worker;

/// <summary>
/// Sends a worker's messages in order, many in one write. What waits is bounded by the tasks that the worker holds.
/// Thread safe.
/// </summary>
internal sealed class WorkerOutgoing(RpcDuplexCall<FromExecutor, ToExecutor> call)
{
    private readonly Lock _lock = new();
    private List<FromExecutor> _waiting = [];
    private bool _pumping;

    public void Send(FromExecutor message)
    {
        lock (_lock)
        {
            _waiting.Add(message);
            if (_pumping)
            {
                return;
            }

            _pumping = true;
        }

        _ = PumpAsync();
    }

    private async Task PumpAsync()
    {
        while (true)
        {
            List<FromExecutor> batch;
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
                await call.WriteManyAsync(batch).ConfigureAwait(false);
            }
            catch (Exception e) when (e is RpcException or IOException or InvalidOperationException)
            {
                // The stream is broken. The reading side sees it too, and ends the process.
                return;
            }
        }
    }
}
