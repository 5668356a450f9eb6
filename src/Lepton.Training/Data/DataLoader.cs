using System.Collections.Concurrent;
using Lepton.Torch;

namespace Lepton.Training.Data;

/// <summary>Reads batches ahead on a thread of its own, so that the next is there when a step ends.</summary>
/// <param name="dataset">What is read; by that thread alone while an enumeration runs.</param>
/// <param name="sampler">Which samples, and in which order.</param>
/// <param name="prefetchBatches">How many batches may wait, 1 or more: what bounds the memory.</param>
/// <param name="device">Where batches shall lie; that thread moves them there.</param>
public sealed class DataLoader(
    IDataset dataset, DistributedSampler sampler, int prefetchBatches = 2, Device device = default)
{
    /// <summary>The batches of an epoch from a position on; each is disposed of by whoever takes it.</summary>
    /// <exception cref="IOException">A sample can't be read: whatever the data set throws comes out here.</exception>
    public IEnumerable<TrainingBatch> Read(SamplePosition start)
    {
        using var stop = new CancellationTokenSource();
        using var ahead = new BlockingCollection<TrainingBatch>(prefetchBatches);
        Exception? failure = null;
        var thread = new Thread(() => failure = ReadAhead(start, ahead, stop.Token))
        {
            IsBackground = true,
            Name = "batches",
        };
        thread.Start();
        try
        {
            foreach (TrainingBatch batch in ahead.GetConsumingEnumerable())
            {
                yield return batch;
            }
        }
        finally
        {
            stop.Cancel();
            thread.Join();
            while (ahead.TryTake(out TrainingBatch? left))
            {
                left.Dispose();
            }
        }

        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    private Exception? ReadAhead(
        SamplePosition start, BlockingCollection<TrainingBatch> ahead, CancellationToken cancellation)
    {
        TrainingBatch? next = null;
        try
        {
            for (long batch = start.Batch; batch < sampler.BatchesPerEpoch; batch++)
            {
                next = BatchAt(start with { Batch = batch });
                ahead.Add(next, cancellation);
                next = null;
            }

            return null;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Nobody wants more.
            next?.Dispose();
            return null;
        }
        catch (Exception fault)
        {
            // Thrown on by the thread that takes the batches.
            return fault;
        }
        finally
        {
            ahead.CompleteAdding();
        }
    }

    private TrainingBatch BatchAt(SamplePosition position)
    {
        long[] indices = sampler.IndicesOf(position);
        bool isPadding = indices.Length == 0;
        if (isPadding)
        {
            indices = [0];
        }

        Tensor[] read = Moved(dataset.Read(indices));
        Require(read, indices.Length);
        return new TrainingBatch(position, indices, sampler.SizeOf(position.Batch), read, isPadding);
    }

    private void Require(Tensor[] read, int samples)
    {
        if (Array.Find(read, tensor => tensor.Dimensions == 0 || tensor.Size(0) != samples) is not { } unfit)
        {
            return;
        }

        string signature = unfit.Describe();
        foreach (Tensor tensor in read)
        {
            tensor.Dispose();
        }

        throw new InvalidOperationException(
            $"{dataset.GetType().Name}.{nameof(IDataset.Read)} gave {signature} for {samples} samples: the first " +
            $"dimension of each tensor must be the sample, so {samples} here. Give one row for each index, in order.");
    }

    private Tensor[] Moved(IReadOnlyList<Tensor> read)
    {
        var moved = new Tensor?[read.Count];
        try
        {
            for (int i = 0; i < moved.Length; i++)
            {
                moved[i] = Moved(read[i]);
            }

            return moved!;
        }
        catch
        {
            foreach (Tensor? tensor in moved.Concat(read))
            {
                tensor?.Dispose();
            }

            throw;
        }
    }

    private Tensor Moved(Tensor tensor)
    {
        if (tensor.Device == device)
        {
            return tensor;
        }

        using (tensor)
        {
            return tensor.To(device).Persist();
        }
    }
}
