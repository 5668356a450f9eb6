using Lepton.Torch;

namespace Lepton.Training.Ranks;

/// <summary>Which device a rank trains on, by the words of <c>--device</c>.</summary>
internal static class RankDevice
{
    /// <summary>The processors, whose tensors go over Gloo.</summary>
    public const string Cpu = "cpu";

    private const string Cuda = "cuda";
    private const string Auto = "auto";

    /// <summary>The device of this rank.</summary>
    /// <exception cref="RankDeviceException">It is none of the words, or this rank has no such device.</exception>
    public static Device Of(string name, RankEnvironment environment) => name switch
    {
        Cpu => Device.Cpu,
        Auto when !CudaDevices.IsAvailable => Device.Cpu,
        Cuda or Auto => Gpu(environment),
        _ => throw new RankDeviceException($"'{name}' is no device to train on. Give {Cpu}, {Cuda} or {Auto}."),
    };

    private static Device Gpu(RankEnvironment environment)
    {
        int count = CudaDevices.Count;
        if (!TorchLibrary.HasBackend("cuda"))
        {
            throw new RankDeviceException(
                $"There is no training on {Cuda}: the native library was built for libtorch {TorchLibrary.Version} " +
                $"without CUDA. Train on {Cpu}, or build it with a libtorch for CUDA: lepton native build --libtorch " +
                "DIR, where CUDA's headers are.");
        }

        if (count == 0)
        {
            throw new RankDeviceException(
                $"There is no training on {Cuda}: libtorch {TorchLibrary.Version} finds no GPU here. Train on {Cpu}, " +
                "or see with nvidia-smi whether this machine has a GPU and its driver runs, and whether " +
                "CUDA_VISIBLE_DEVICES hides it.");
        }

        if (environment.LocalRank >= count)
        {
            throw new RankDeviceException(
                $"Rank {environment.Rank} needs a GPU of its own, cuda:{environment.LocalRank}, and this machine has " +
                $"{count}. Start no more ranks on a machine than it has GPUs (--nproc-per-node {count}), or train on " +
                $"{Cpu}.");
        }

        return environment.Size == 1 || TorchLibrary.HasBackend("nccl")
            ? Device.Cuda(environment.LocalRank)
            : throw new RankDeviceException(
                "Ranks on GPUs talk over NCCL, which the native library was built without. Build it again where " +
                $"NCCL's header nccl.h is (lepton native build), or train one rank, or on {Cpu}.");
    }
}
