using System.Globalization;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Data;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Loop;

/// <summary>Says what a rank held when it had no room for more.</summary>
internal static class MemoryReport
{
    private const double Mebibyte = 1024 * 1024;

    /// <summary>Of a step.</summary>
    public static TrainingMemoryException Describe(
        TorchMemoryException cause, long step, TrainingBatch batch, Module model, Optimizer optimizer, int rank) =>
        Describe(
            cause, step,
            string.Create(
                CultureInfo.InvariantCulture,
                $"at step {step} (epoch {batch.Position.Epoch}, batch {batch.Position.Batch}, {batch.Size} samples)"),
            model, optimizer, rank, $"Give a BatchSize below {batch.GlobalSize}, or more AccumulationSteps.");

    /// <summary>Of a batch on which the model was measured, after a step.</summary>
    public static TrainingMemoryException DescribeMeasuring(
        TorchMemoryException cause, long step, TrainingBatch batch, Module model, Optimizer optimizer, int rank) =>
        Describe(
            cause, step,
            string.Create(
                CultureInfo.InvariantCulture,
                $"after step {step}, where the model was measured (batch {batch.Position.Batch}, " +
                $"{batch.Size} samples),"),
            model, optimizer, rank, $"Give a BatchSize below {batch.GlobalSize}, which holds for measuring too.");

    /// <summary>Of a batch that was to be read, or brought to the model's device.</summary>
    /// <param name="cause">What libtorch threw.</param>
    /// <param name="step">The step before which it was to be there.</param>
    /// <param name="batch">The batch, such as <c>batch 3 of epoch 0</c>.</param>
    /// <param name="samples">How many samples it has on all ranks.</param>
    /// <param name="model">What is trained.</param>
    /// <param name="optimizer">Its optimizer.</param>
    /// <param name="rank">This rank.</param>
    public static TrainingMemoryException DescribeReading(
        TorchMemoryException cause, long step, string batch, int samples, Module model, Optimizer optimizer,
        int rank) => Describe(
            cause, step, $"where {batch} ({samples} samples of all ranks) was read and brought to {model.Device},",
            model, optimizer, rank, $"Give a BatchSize below {samples}, or fewer PrefetchBatches.");

    private static TrainingMemoryException Describe(
        TorchMemoryException cause, long step, string where, Module model, Optimizer optimizer, int rank,
        string advice)
    {
        long parameters = 0;
        long gradients = 0;
        foreach (Parameter parameter in model.Parameters())
        {
            parameters += BytesOf(parameter.Value);
            using Tensor? gradient = parameter.Value.Grad;
            gradients += gradient is null ? 0 : BytesOf(gradient);
        }

        long buffers = model.NamedBuffers().Sum(static named => BytesOf(named.Buffer.Value));
        long state = optimizer.ExportState().Tensors.Values.Sum(BytesOf);
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"Out of memory {where} on rank {rank}: {cause.Message} This rank held parameters of " +
            $"{parameters / Mebibyte:0.0} MiB, gradients of {gradients / Mebibyte:0.0} MiB, buffers of " +
            $"{buffers / Mebibyte:0.0} MiB and an optimizer's state of {state / Mebibyte:0.0} MiB, " +
            $"{LiveTensorCount} tensors in all, in a process of {Environment.WorkingSet / Mebibyte:0} MiB. " +
            $"{DescribeGpu(model)}{advice}");
        return new TrainingMemoryException(text, cause)
        {
            Step = step, StateBytes = parameters + gradients + buffers + state,
        };
    }

    private static string DescribeGpu(Module model)
    {
        if (model.Device is not { Kind: DeviceKind.Cuda } gpu)
        {
            return "";
        }

        CudaMemory memory = CudaDevices.MemoryOf(gpu.Index);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"On {gpu} all tensors had {memory.AllocatedBytes / Mebibyte:0} MiB, at most " +
            $"{memory.AllocatedBytesPeak / Mebibyte:0} MiB before; {memory.ReservedBytes / Mebibyte:0} MiB were " +
            $"reserved, and {memory.FreeBytes / Mebibyte:0} of {memory.TotalBytes / Mebibyte:0} MiB free. ");
    }

    private static long BytesOf(Tensor tensor) => tensor.ElementCount * tensor.DType.Bytes();
}
