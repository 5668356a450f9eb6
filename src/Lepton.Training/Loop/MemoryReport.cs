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

    public static TrainingMemoryException Describe(
        TorchMemoryException cause, long step, TrainingBatch batch, Module model, Optimizer optimizer, int rank)
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
            $"Out of memory at step {step} (epoch {batch.Position.Epoch}, batch {batch.Position.Batch}, " +
            $"{batch.Size} samples) on rank {rank}: {cause.Message} This rank held parameters of " +
            $"{parameters / Mebibyte:0.0} MiB, gradients of {gradients / Mebibyte:0.0} MiB, buffers of " +
            $"{buffers / Mebibyte:0.0} MiB and an optimizer's state of {state / Mebibyte:0.0} MiB, " +
            $"{LiveTensorCount} tensors in all, in a process of {Environment.WorkingSet / Mebibyte:0} MiB. " +
            $"{DescribeGpu(model)}" +
            $"Give a BatchSize below {batch.GlobalSize}, or more AccumulationSteps.");
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
