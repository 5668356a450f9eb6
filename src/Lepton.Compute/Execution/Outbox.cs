using Lepton.Compute.Protocol;

namespace Lepton.Compute.Execution;

/// <summary>
/// Collects results while a message is on its way, so that many small tasks share one message. The first thread that
/// finds the outbox idle sends
/// for all. Thread safe.
/// </summary>
internal sealed class Outbox(Action<FromExecutor> send)
{
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

            var message = new TaskResults();
            message.Results.AddRange(batch);
            send(new FromExecutor { Results = message });
        }
    }
}
