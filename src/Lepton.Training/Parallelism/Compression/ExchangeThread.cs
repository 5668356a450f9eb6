using System.Collections.Concurrent;
using Lepton.Torch;
using Lepton.Torch.Distributed;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>
/// Takes a reducer's buckets and exchanges them one after the other on a thread of its own, so that backward goes on
/// meanwhile, and that all ranks start the same collectives in the same order.
/// </summary>
internal sealed class ExchangeThread : IDisposable
{
    private const int BucketsMax = 4096;
    private static readonly TimeProvider s_time = TimeProvider.System;
    private readonly BlockingCollection<Job> _jobs = new(BucketsMax);
    private readonly ExchangeLink _link;
    private readonly GradientExchange _exchange;
    private readonly Thread _thread;
    private long _steps;
    private long _elements;
    private TimeSpan _time;

    public ExchangeThread(ExchangeLink link, GradientExchange exchange)
    {
        _link = link;
        _exchange = exchange;
        _thread = new Thread(Run) { IsBackground = true, Name = "gradients" };
        _thread.Start();
    }

    /// <summary>What was done so far. Between steps.</summary>
    public CompressionReport Report => new(
        _steps, _link.BytesSent, _link.PlainBytes(_elements), _time - _link.Time, _link.Time);

    /// <summary>What the exchange remembers. Between steps.</summary>
    public GradientExchange Exchange => _exchange;

    /// <summary>A reducer's hook.</summary>
    public TensorFuture Begin(GradientBucket bucket)
    {
        var reduced = new TensorFuture(bucket.Buffer.Device);
        TensorFuture given = reduced.Then(static tensor => tensor);
        _jobs.Add(new Job(bucket.Buffer.Detach().Persist(), [.. bucket.Places], bucket.IsLast, reduced));
        return given;
    }

    /// <summary>What the first exchange failed of; null while none has.</summary>
    public Exception? Fault { get; private set; }

    public void Dispose()
    {
        _jobs.CompleteAdding();
        _thread.Join();
        _jobs.Dispose();
        _exchange.Dispose();
    }

    private void Run()
    {
        foreach (Job job in _jobs.GetConsumingEnumerable())
        {
            using (job.Buffer)
            using (job.Reduced)
            {
                try
                {
                    Reduce(job);
                    job.Reduced.Complete(job.Buffer);
                }
                catch (Exception fault)
                {
                    // Comes out of backward, on all ranks that can't go on.
                    Fault ??= fault;
                    job.Reduced.Fail($"exchanging gradients failed: {fault.Message}");
                }
            }
        }
    }

    private void Reduce(Job job)
    {
        long at = s_time.GetTimestamp();
        using var noGrad = NoGrad();
        using var scope = new TensorScope();
        Tensor flat = job.Buffer.To(Device.Cpu).To(DType.Float32);
        _exchange.Reduce(new ExchangeBucket(flat, job.Places));
        if (!flat.SharesStorage(job.Buffer))
        {
            job.Buffer.CopyFrom(flat);
        }

        _elements += flat.ElementCount;
        _steps += job.IsLast ? 1 : 0;
        _time += s_time.GetElapsedTime(at);
    }

    private sealed record Job(Tensor Buffer, int[] Places, bool IsLast, TensorFuture Reduced);
}
