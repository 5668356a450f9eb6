using Lepton.Compute.Protocol;

namespace Lepton.Compute.Session;

/// <summary>One thing for the scheduler's thread to do: a message of an executor, or a call.</summary>
internal readonly record struct LoopInput(ExecutorLink? Link, FromExecutor? Message, Action? Call);

/// <summary>
/// What waits for the scheduler's thread. Its length is bounded, also while that thread is held up by a user's handler:
/// each executor holds a bounded number of tasks and answers each once; of its signs of life, which it sends
/// unasked, only the last one waits; and of the calls there is one for each caller, who waits until it was made, and a
/// few for each worker that comes or goes. Thread safe.
/// </summary>
internal sealed class LoopInbox
{
    // A monitor and not a channel: one thread swaps whole lists, which costs less than a channel an item.
    private readonly object _gate = new();

    // Where the sign of life of an executor waits, by its id.
    private readonly Dictionary<int, int> _beats = [];
    private List<LoopInput> _waiting = [];
    private bool _closed;

    /// <summary>Adds to what waits. False when nobody will come for it any more.</summary>
    public bool Post(LoopInput input)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            if (input is { Link: { } link, Message.KindCase: FromExecutor.KindOneofCase.Beat })
            {
                if (_beats.TryGetValue(link.Id, out int place))
                {
                    // What was said between the two is heard after this one then. That is as good: it tells how long
                    // tasks have run, and of those that it knows the ends come later.
                    _waiting[place] = input;
                    return true;
                }

                _beats.Add(link.Id, _waiting.Count);
            }

            _waiting.Add(input);
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_gate);
            }

            return true;
        }
    }

    /// <summary>Takes nothing more, and gives what still waits.</summary>
    public List<LoopInput> Close()
    {
        lock (_gate)
        {
            _closed = true;
            return _waiting;
        }
    }

    /// <summary>
    /// Gives all that waits, in exchange for an empty list; waits up to <paramref name="timeout"/> for something to
    /// come.
    /// </summary>
    public List<LoopInput> Take(List<LoopInput> empty, TimeSpan timeout)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                Monitor.Wait(_gate, timeout);
            }

            List<LoopInput> taken = _waiting;
            _waiting = empty;
            _beats.Clear();
            return taken;
        }
    }
}
