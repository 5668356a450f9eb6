using System.Globalization;
using Lepton.Torch;
using Lepton.Torch.Distributed;

namespace Lepton.Training.Ranks;

/// <summary>Which device a rank trains on, by the words of <c>--device</c>.</summary>
internal static class RankDevice
{
    /// <summary>The processors, whose tensors go over Gloo.</summary>
    public const string Cpu = "cpu";

    /// <summary>GPUs where each rank has one of its own, else the processors.</summary>
    public const string Auto = "auto";

    private const string Cuda = "cuda";

    /// <summary>The device of this rank; by <see cref="Auto"/> before several ranks agreed, the processors.</summary>
    /// <exception cref="RankDeviceException">It is none of the words, or this rank has no such device.</exception>
    public static Device Of(string name, RankEnvironment environment) => name switch
    {
        Cpu => Device.Cpu,
        Auto when environment.Size > 1 || !CudaDevices.IsAvailable => Device.Cpu,
        Cuda or Auto => Gpu(environment),
        _ => throw new RankDeviceException($"'{name}' is no device to train on. Give {Cpu}, {Cuda} or {Auto}."),
    };

    /// <summary>
    /// The devices of several ranks by <see cref="Auto"/>: tensors of those on GPUs go over NCCL, those of the others
    /// over Gloo, so it is GPUs for all or for none. All ranks call it.
    /// </summary>
    /// <param name="store">Where they meet.</param>
    /// <param name="rank">This rank.</param>
    /// <param name="size">How many there are.</param>
    /// <param name="timeMax">How long the others may take to come.</param>
    /// <param name="gpu">This rank's GPU; throws a <see cref="RankDeviceException"/> where it has none.</param>
    /// <param name="tell">Takes one line, on rank 0, where some have a GPU and do not use it.</param>
    /// <exception cref="CollectiveException">Not all came.</exception>
    public static Device Agree(
        Store store, int rank, int size, TimeSpan timeMax, Func<Device> gpu, Action<string> tell)
    {
        string[] keys = [.. Enumerable.Range(0, size).Select(
            static other => string.Create(CultureInfo.InvariantCulture, $"device/rank {other}"))];
        Device mine = Device.Cpu;
        string text = Cuda;
        try
        {
            mine = gpu();
        }
        catch (RankDeviceException e)
        {
            text = string.Create(
                CultureInfo.InvariantCulture, $"rank {rank} on {Environment.MachineName} has none: {e.Message}");
        }

        store.Set(keys[rank], text);
        store.Wait(timeMax, keys);
        string[] texts = [.. keys.Select(store.GetText)];
        if (Array.TrueForAll(texts, static other => other == Cuda))
        {
            return mine;
        }

        if (rank == 0 && texts.Contains(Cuda))
        {
            string without = Array.Find(texts, static other => other != Cuda)!;
            tell($"All ranks train on the processors, as not each of them has a GPU: {without}");
        }

        return Device.Cpu;
    }

    /// <summary>This rank's GPU.</summary>
    /// <exception cref="RankDeviceException">It has none.</exception>
    public static Device Gpu(RankEnvironment environment)
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
