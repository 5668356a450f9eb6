using System.Diagnostics.CodeAnalysis;
using Lepton.Compute.Protocol;

namespace Lepton.Compute.Execution;

/// <summary>The tasks that wait in an executor, first in first out, and those that run. Thread safe.</summary>
[SuppressMessage("Design", "CA1001", Justification =
    "Slots still wait on the semaphore when the queue ends; without a wait handle it has nothing to dispose of.")]
internal sealed class TaskQueue
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCopyMessage> _waiting = [];
    private readonly Dictionary<long, RunningCopy> _running = [];
    private readonly SemaphoreSlim _available = new(0);
    private bool _closed;

    public void Add(IReadOnlyCollection<TaskCopyMessage> tasks)
    {
        lock (_lock)
        {
            foreach (TaskCopyMessage task in tasks)
            {
                _waiting.AddLast(task);
            }
        }

        _available.Release(tasks.Count);
    }

    /// <summary>Waits for the next task; null when the queue is closed.</summary>
    public RunningCopy? Take()
    {
        while (true)
        {
            _available.Wait();
            lock (_lock)
            {
                if (_closed)
                {
                    return null;
                }

                // A permit can outlive its task: revoked tasks leave theirs behind.
                if (_waiting.First is { } first)
                {
                    _waiting.RemoveFirst();
                    var running = new RunningCopy(first.Value);
                    _running.Add(first.Value.Copy, running);
                    return running;
                }
            }
        }
    }

    public void Finished(RunningCopy running)
    {
        lock (_lock)
        {
            _running.Remove(running.Task.Copy);
        }
    }

    /// <summary>Takes tasks that have not started out of the queue.</summary>
    public IReadOnlyList<TaskCopyMessage> Remove(IReadOnlyCollection<long> copies)
    {
        var wanted = copies.ToHashSet();
        var removed = new List<TaskCopyMessage>();
        lock (_lock)
        {
            for (LinkedListNode<TaskCopyMessage>? node = _waiting.First; node is not null;)
            {
                LinkedListNode<TaskCopyMessage>? next = node.Next;
                if (wanted.Contains(node.Value.Copy))
                {
                    removed.Add(node.Value);
                    _waiting.Remove(node);
                }

                node = next;
            }
        }

        return removed;
    }

    /// <summary>The running tasks at this moment.</summary>
    public IReadOnlyList<RunningCopy> Running()
    {
        lock (_lock)
        {
            return [.. _running.Values];
        }
    }

    /// <summary>
    /// Ends the queue: waiting tasks are dropped, takers released. Returns the tasks that still run.
    /// </summary>
    public IReadOnlyList<RunningCopy> Close()
    {
        lock (_lock)
        {
            _closed = true;
            _waiting.Clear();
            _available.Release(1024);
            return [.. _running.Values];
        }
    }
}
