using System.Collections.Concurrent;
using System.Diagnostics;
using Lepton.Torch;
using Lepton.Torch.Distributed;
using Lepton.Training.Launch;
using Lepton.Training.Ranks;
using Lepton.Training.Tests.Samples;

namespace Lepton.Training.Tests.Ranks;

/// <summary>Where ranks train, and what a user is told who asks for a GPU that is not there.</summary>
public sealed class RankDeviceTests : TrainingTest
{
    private static readonly RankEnvironment s_alone = RankEnvironment.Read(static _ => null);

    [Fact]
    public void Of_AutoWithoutAGpu_IsTheProcessor()
    {
        RequireNoGpu();

        Assert.Equal(Device.Cpu, RankDevice.Of("auto", s_alone));
        Assert.Equal(Device.Cpu, RankDevice.Of("cpu", s_alone));
    }

    [Fact]
    public void Of_NoDevice_NamesThoseThatAre()
    {
        var e = Assert.Throws<RankDeviceException>(static () => RankDevice.Of("gpu", s_alone));

        Assert.Equal("'gpu' is no device to train on. Give cpu, cuda or auto.", e.Message);
    }

    [Fact]
    public async Task Join_CudaWithoutAGpu_OneLineSaysWhatToDo()
    {
        RequireNoGpu();
        IReadOnlyList<string> command = GoldenCurve.Command("mnist", "--device", "cuda");
        using Process alone = Process.Start(
            new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true })!;
        string text = await alone.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await alone.WaitForExitAsync(TestContext.Current.CancellationToken);

        string line = Assert.Single(text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        AssertSaysWhatToDo(line);
        Assert.Equal(2, alone.ExitCode);
    }

    [Fact]
    public async Task Join_TwoRanksOnCudaWithoutAGpu_TheRootCauseSaysWhatToDo()
    {
        RequireNoGpu();
        RankRun run = await RankRun.OfAsync(new LaunchOptions
        {
            Command = GoldenCurve.Command("mnist", "--device", "cuda"),
            ProcessesPerNode = 2,
        });

        AssertSaysWhatToDo(Assert.Single(
            run.Lines, static line => line.StartsWith("lepton: root cause: ", StringComparison.Ordinal)));
        Assert.DoesNotContain("   at ", run.Text, StringComparison.Ordinal);
        Assert.Equal(2, run.ExitCode);
    }

    /// <summary>Some ranks over NCCL and some over Gloo would wait for each other until their time is up.</summary>
    [Fact]
    public void Agree_OneRankHasNoGpu_AllTakeTheProcessorsAndOneLineSaysWhoseItIs()
    {
        Device[] devices = Agreed(
            out string[] lines, static () => Device.Cuda(0), static () => Device.Cuda(1),
            static () => throw new RankDeviceException("libtorch finds no GPU here."));

        Assert.All(devices, static device => Assert.Equal(Device.Cpu, device));
        Assert.Equal(
            [$"All ranks train on the processors, as not each of them has a GPU: rank 2 on {Environment.MachineName} " +
                "has none: libtorch finds no GPU here."],
            lines);
    }

    [Fact]
    public void Agree_AllOrNoneHaveAGpu_NothingIsSaid()
    {
        Device[] all = Agreed(out string[] linesOfAll, static () => Device.Cuda(0), static () => Device.Cuda(1));
        Device[] none = Agreed(
            out string[] linesOfNone, static () => throw new RankDeviceException("none"),
            static () => throw new RankDeviceException("none"));

        Assert.Equal([Device.Cuda(0), Device.Cuda(1)], all);
        Assert.Equal([Device.Cpu, Device.Cpu], none);
        Assert.Empty(linesOfAll);
        Assert.Empty(linesOfNone);
    }

    // Each rank a thread.
    private static Device[] Agreed(out string[] lines, params Func<Device>[] gpus)
    {
        using Store store = Store.InProcess();
        var devices = new Device[gpus.Length];
        var told = new ConcurrentQueue<string>();
        Thread[] threads = [.. gpus.Select((gpu, rank) => new Thread(() => devices[rank] = RankDevice.Agree(
            store, rank, gpus.Length, TimeSpan.FromMinutes(1), gpu, told.Enqueue)))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        lines = [.. told];
        return devices;
    }

    private static void RequireNoGpu() => Assert.SkipWhen(CudaDevices.IsAvailable, "There is a GPU.");

    private static void AssertSaysWhatToDo(string line)
    {
        Assert.Contains("There is no training on cuda: ", line, StringComparison.Ordinal);
        Assert.Contains("Train on cpu, or ", line, StringComparison.Ordinal);
    }
}
