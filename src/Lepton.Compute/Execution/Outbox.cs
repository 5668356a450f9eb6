using Lepton.Compute.Protocol;

namespace Lepton.Compute.Execution;

/// <summary>
/// Collects results while a message is on its way, so that many small tasks share one message. The first thread that
/// finds the outbox idle sends for all. Thread safe.
/// </summary>
internal sealed class Outbox(Action<FromExecutor> send)
{
    // A message holds this and one result more, each far below what the transport takes.
    private const int MessageBytesMax = 1 << 20;
    private readonly Lock _lock = new();
    private List<TaskResult> _results = [];
    private bool _sending;

    public void Add(TaskResult result)
    {
        lock (_lock)
        {
            _results.Add(result);
            if (_sending)
            {
                return;
            }

            _sending = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static outbox => outbox.Drain(), this, preferLocal: false);
    }

    private void Drain()
    {
        while (true)
        {
            List<TaskResult> batch;
            lock (_lock)
            {
                if (_results.Count == 0)
                {
                    _sending = false;
                    return;
                }

                batch = _results;
                _results = [];
            }

            Send(batch);
        }
    }

    private void Send(List<TaskResult> batch)
    {
        var message = new TaskResults();
        int bytes = 0;
        foreach (TaskResult result in batch)
        {
            message.Results.Add(result);
            bytes += result.Value.Length + (result.Failure?.Exception.Length ?? 0);
            if (bytes > MessageBytesMax)
            {
                send(new FromExecutor { Results = message });
                (message, bytes) = (new TaskResults(), 0);
            }
        }

        if (message.Results.Count > 0)
        {
            send(new FromExecutor { Results = message });
        }
    }
}
