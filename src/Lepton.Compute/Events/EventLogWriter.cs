namespace Lepton.Compute.Events;

/// <summary>
/// Writes the event log of a session: one JSON object a line, only ever appended. Lines reach the file behind the
/// caller's back, a tenth of a second late, and then outlive a driver that is killed. A log that can't be written (a
/// full disk) never stops the job: the loss is counted, said once, and noted in the log when it can be written again.
/// Thread safe.
/// </summary>
public sealed class EventLogWriter : IDisposable
{
    private const int WriteBehindMs = 100;
    private const int BatchEvents = 8 * 1024;
    private const int BacklogEventsMax = 32 * 1024;
    private const int WaitForRoomMsMax = 1_000;
    private const int CloseMsMax = 10_000;
    private const string Overrun = "the disk did not keep up with the job.";

    // A monitor and not a channel: callers must be able to wait for room or for a flush without a task of their own.
    private readonly object _gate = new();
    private readonly EventLogFile _file;
    private readonly Action<string>? _onLoss;
    private readonly Thread _thread;
    private readonly int _waitForRoomMsMax;
    private List<JobEvent> _backlog = [];
    private List<JobEvent> _batch = [];
    private long _accepted;
    private long _written;
    private long _dropped;
    private long _lost;
    private int _flushes;
    private bool _stalled;
    private bool _closing;

    /// <summary>Creates the log, and its folder where it is missing.</summary>
    /// <param name="path">The file; it must not exist yet.</param>
    /// <param name="onLoss">
    /// Gets one sentence when events are first lost. It runs on the log's own thread and must not throw.
    /// </param>
    /// <param name="time">The clock; the system's by default.</param>
    /// <exception cref="EventLogException">The file exists or can't be made.</exception>
    public EventLogWriter(
        string path, [RunsOnWorkers(false)] Action<string>? onLoss = null, TimeProvider? time = null)
        : this(Create(path), onLoss, time)
    {
    }

    internal EventLogWriter(
        Stream stream, Action<string>? onLoss, TimeProvider? time, int waitForRoomMsMax = WaitForRoomMsMax)
    {
        _file = new EventLogFile(stream, time ?? TimeProvider.System);
        _onLoss = onLoss;
        _waitForRoomMsMax = waitForRoomMsMax;
        _thread = new Thread(WriteBacklog) { IsBackground = true, Name = "Lepton event log" };
        _thread.Start();
    }

    /// <summary>Events that did not reach the file so far.</summary>
    public long LostEvents => Interlocked.Read(ref _lost);

    /// <summary>
    /// Adds an event. It costs a lock and no I/O; only when the disk falls 32 Ki events behind does it wait for room,
    /// and when there is no room for a second it drops events until the disk is back. It does nothing after
    /// <see cref="Dispose"/>.
    /// </summary>
    public void Append(JobEvent jobEvent)
    {
        ArgumentNullException.ThrowIfNull(jobEvent);
        lock (_gate)
        {
            if (_closing)
            {
                return;
            }

            if (_backlog.Count >= BacklogEventsMax && !WaitForRoom())
            {
                _dropped++;
                return;
            }

            _backlog.Add(jobEvent);
            _accepted++;
            if (_backlog.Count is 1 or BatchEvents)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>
    /// Waits until what was appended before is with the operating system; at the end of a job, for one.
    /// </summary>
    public void Flush()
    {
        lock (_gate)
        {
            long wanted = _accepted;
            _flushes++;
            Monitor.PulseAll(_gate);
            while (_written < wanted && Monitor.Wait(_gate, CloseMsMax))
            {
            }

            _flushes--;
        }
    }

    /// <summary>Writes what is left and closes the file.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.PulseAll(_gate);
        }

        // A disk that hangs must not hang the driver for ever; the thread ends with the process.
        _thread.Join(CloseMsMax);
    }

    private static FileStream Create(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            string full = Path.GetFullPath(path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            return new FileStream(full, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete, 0);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new EventLogException(
                $"There is a file at '{path}' already, and an event log is never written over. " +
                "Give another path, or move the file away.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EventLogException(
                $"The event log '{path}' can't be made: {e.Message} " +
                "Give a path in a folder that can be written to.", e);
        }
    }

    private bool WaitForRoom()
    {
        if (!_stalled)
        {
            Monitor.PulseAll(_gate);
            while (_backlog.Count >= BacklogEventsMax && Monitor.Wait(_gate, _waitForRoomMsMax))
            {
            }

            // Who comes next does not wait again: a hanging disk would stop the job in slices.
            _stalled = _backlog.Count >= BacklogEventsMax;
        }

        return !_stalled;
    }

    private void WriteBacklog()
    {
        bool told = false;
        bool last;
        do
        {
            last = TakeBatch(out long dropped);
            if (dropped > 0)
            {
                _file.CountLost(dropped, Overrun);
            }

            _file.Write(_batch);
            if (last)
            {
                _file.Dispose();
            }

            Interlocked.Exchange(ref _lost, _file.Lost);
            lock (_gate)
            {
                _written += _batch.Count;
                _batch.Clear();
                Monitor.PulseAll(_gate);
            }

            if (!told && _file.FirstLoss is string reason)
            {
                told = true;
                _onLoss?.Invoke($"Part of the event log is lost: {reason} The job goes on; its report will have gaps.");
            }
        }
        while (!last);
    }

    private bool TakeBatch(out long dropped)
    {
        lock (_gate)
        {
            while (_backlog.Count == 0 && !_closing)
            {
                Monitor.Wait(_gate);
            }

            if (_backlog.Count < BatchEvents && _flushes == 0 && !_closing)
            {
                // Few events: collect some more rather than go to the disk for each.
                Monitor.Wait(_gate, WriteBehindMs);
            }

            (_batch, _backlog) = (_backlog, _batch);
            dropped = _dropped;
            _dropped = 0;
            _stalled = false;
            Monitor.PulseAll(_gate);
            return _closing;
        }
    }
}
