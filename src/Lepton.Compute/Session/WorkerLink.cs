using System.Diagnostics;
using Lepton.Compute.Protocol;
using Lepton.Rpc.Server;

namespace Lepton.Compute.Session;

/// <summary>An executor in a worker process, reached over its duplex stream.</summary>
internal sealed class WorkerLink(int id, string name, int slots, string directory) : ExecutorLink(id, name, slots)
{
    private readonly Lock _lock = new();
    private Process? _process;
    private int _processId;
    private RpcServerStream<FromExecutor, ToExecutor>? _stream;
    private Action<string>? _broken;
    private List<ToExecutor> _outgoing = [];
    private bool _pumping;

    /// <summary>The worker's own directory; it goes when the worker does.</summary>
    public string Directory { get; } = directory;

    /// <summary>The worker's process.</summary>
    public Process? Process
    {
        get => _process;
        set
        {
            _process = value;
            _processId = value?.Id ?? 0;
        }
    }

    /// <summary>Done when the worker has attached; failed when it ended before.</summary>
    public TaskCompletionSource Attached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Why the session itself ended the worker; null when it did not.</summary>
    public string? EndReason { get; private set; }

    public override bool IsEnding => EndReason is not null;

    public override int ProcessId => _processId;

    /// <summary>What the worker wrote to its standard error.</summary>
    public StderrTail Stderr { get; } = new();

    /// <summary>Set, under its supervisor's lock, once its process is gone.</summary>
    public bool IsGone { get; set; }

    /// <summary>Whether it finished a task, or was running one at its end. Known once it is detached.</summary>
    public bool HasWorked { get; set; }

    /// <summary>Whether the worker has said hello.</summary>
    public bool IsConnected => _stream is not null;

    /// <summary>
    /// The worker has come; messages flow from now on. <paramref name="broken"/> is called, once, when one can't be
    /// sent.
    /// </summary>
    public void Connect(RpcServerStream<FromExecutor, ToExecutor> stream, Action<string> broken)
    {
        lock (_lock)
        {
            (_stream, _broken) = (stream, broken);
        }
    }

    public override void Send(ToExecutor message)
    {
        lock (_lock)
        {
            _outgoing.Add(message);
            if (_pumping || _stream is null)
            {
                return;
            }

            _pumping = true;
        }

        _ = PumpAsync(_stream);
    }

    public override bool Kill(string reason)
    {
        EndReason ??= reason;
        BlamesTasks = false;
        try
        {
            Process?.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already, which is what was asked.
            return true;
        }

        return true;
    }

    /// <summary>Keeps a line of the worker's standard error and passes it on to the driver's.</summary>
    public void TakeStderr(string? line)
    {
        if (line is null)
        {
            return;
        }

        Console.Error.WriteLine($"[{Name}] {line}");
        Stderr.Add(line);
    }

    private async Task PumpAsync(RpcServerStream<FromExecutor, ToExecutor> stream)
    {
        while (true)
        {
            List<ToExecutor> batch;
            lock (_lock)
            {
                if (_outgoing.Count == 0)
                {
                    _pumping = false;
                    return;
                }

                batch = _outgoing;
                _outgoing = [];
            }

            try
            {
                await stream.WriteManyAsync(batch).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // Nothing more is sent, so it would wait for ever. Mostly it is gone already, and says itself why.
                _broken!($"a message to it could not be sent: {e.Message}");
                return;
            }
        }
    }
}
