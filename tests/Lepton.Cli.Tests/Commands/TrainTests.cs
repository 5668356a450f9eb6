using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Lepton.Coordination.Tests.Servers;
using Lepton.Torch;

namespace Lepton.Cli.Tests.Commands;

/// <summary><c>lepton train</c>, with ranks that train on a small part of MNIST.</summary>
public sealed class TrainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Train_Signal_AllRanksSaveAndEnd(string signal)
    {
        RequireLibrary();
        await using StartedLepton lepton = StartedLepton.Start(
            "Lepton.Cli", "train", RankProgram, "--nproc-per-node", "2", "--", "--run", _folder.Path, "--epochs",
            "1000", "--checkpoint-every", "0", "--tell-steps");
        await LineAsync(lepton, "[0] step 5");
        await lepton.SignalAsync(signal);
        using LeptonRun run = await lepton.EndAsync();

        Assert.Equal(130, run.ExitCode);
        Assert.Contains("lepton: stopping: ranks save and end", run.Error, StringComparison.Ordinal);
        Match stopped = Regex.Match(run.Error, "stopped at step ([0-9]+)");
        Assert.True(stopped.Success, run.Error);
        Assert.Empty(run.Survivors);
        string saved = Path.Combine(_folder.Path, "checkpoints", $"step-{stopped.Groups[1].Value.PadLeft(9, '0')}");
        Assert.True(File.Exists(Path.Combine(saved, "checkpoint.json")), $"{saved} is not whole");
    }

    [Fact]
    public async Task Train_LauncherOfOneMachineIsKilled_TheOtherGoesOnAlone()
    {
        RequireLibrary();
        await using MemberCluster store = await MemberCluster.StartAsync(ServerProgram.Lepton, members: 1);
        string[] arguments =
        [
            "train", RankProgram, "--nnodes", "1:2", "--rdzv-endpoint", store.Endpoints[0].Authority, "--rdzv-id",
            "killed", "--", "--tell-steps", "--epochs",
        ];
        await using StartedLepton stays = StartedLepton.Start("Lepton.Cli", [.. arguments, "60"]);
        await using StartedLepton dies = StartedLepton.Start("Lepton.Cli", [.. arguments, "60"]);
        await LineAsync(dies, "step");
        await dies.SignalAsync("KILL");
        using LeptonRun run = await stays.EndAsync();

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("is gone", run.Error, StringComparison.Ordinal);
        Assert.Contains("all ranks start again, 1 of them (0 of 0 restarts)", run.Error, StringComparison.Ordinal);
        Assert.Contains("accuracy ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_StoreWantsCertificates_MeetsWithThem()
    {
        RequireLibrary();
        using var certificates = new TestCertificates();
        await using MemberCluster store = await MemberCluster.StartAsync(
            ServerProgram.Lepton, members: 1, certificates);
        using LeptonRun run = await LeptonRun.OfAsync(
            "train", RankProgram, "--rdzv-endpoint", store.Endpoints[0].Authority, "--rdzv-cacert",
            certificates.CaFile, "--rdzv-cert", certificates.CertificateOf("client"), "--rdzv-key",
            certificates.KeyOf("client"), "--", "--epochs", "1");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("accuracy ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_NoSuchCertificate_SaysWhich()
    {
        using LeptonRun run = await LeptonRun.OfAsync(
            "train", RankProgram, "--rdzv-endpoint", "127.0.0.1:1", "--rdzv-cacert", "/nowhere/ca.pem");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("CaFile '/nowhere/ca.pem'", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--rdzv-key", "key.pem", "--rdzv-cacert, --rdzv-cert and --rdzv-key are for a store")]
    [InlineData("--nnodes", "3:2", "--nnodes is '3:2'; expected a number from 1, or MIN:MAX")]
    [InlineData("--nnodes", "2", "--rdzv-endpoint names no coordination store to meet at")]
    [InlineData("--rdzv-endpoint", "10.0.0.1:2379/x", "--rdzv-endpoint names '10.0.0.1:2379/x'; expected HOST:PORT")]
    [InlineData("--rdzv-id", "a/b", "--rdzv-id is 'a/b'; it must not be empty, nor hold a '/'")]
    public async Task Train_BadFlags_AreNamed(string flag, string value, string message)
    {
        using LeptonRun run = await LeptonRun.OfAsync("train", RankProgram, flag, value);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_NoNativeLibrary_OneLineSaysHowToGetIt()
    {
        await using StartedLepton lepton = StartedLepton.Start(
            "Lepton.Cli", [new("LEPTON_TORCH_LIBRARY", "/nowhere/liblepton_torch.so")], "train", RankProgram);
        using LeptonRun run = await lepton.EndAsync();

        Assert.Equal(3, run.ExitCode);
        Assert.StartsWith(
            "lepton: LEPTON_TORCH_LIBRARY names /nowhere/liblepton_torch.so, which does not exist.", run.Error,
            StringComparison.Ordinal);
        Assert.Contains("lepton native build", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Train_ProgramFarFromTheLibrary_TakesTheLaunchersOne()
    {
        RequireLibrary();
        string source = Path.GetDirectoryName(RankProgram)!;
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(_folder.Path, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        using LeptonRun run = await LeptonRun.OfAsync(
            "train", Path.Combine(_folder.Path, Path.GetFileName(RankProgram)), "--", "--epochs", "1");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("accuracy ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_PortInUse_SaysSo()
    {
        RequireLibrary();
        using var taken = new TcpListener(IPAddress.Any, 0);
        taken.Start();
        string port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        using LeptonRun run = await LeptonRun.OfAsync("train", RankProgram, "--master-port", port);

        Assert.Equal(13, run.ExitCode);
        Assert.StartsWith($"lepton: The ranks can't meet at 127.0.0.1:{port}", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("give another with --master-port", run.Error, StringComparison.Ordinal);
    }

    private static string RankProgram
    {
        get
        {
            string built = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
            return Path.Combine(
                Path.GetDirectoryName(Path.GetDirectoryName(built))!, "Lepton.RankProgram", Path.GetFileName(built),
                "Lepton.RankProgram.dll");
        }
    }

    private static async Task LineAsync(StartedLepton lepton, string part)
    {
        while (await lepton.ReadLineAsync() is { } line)
        {
            if (line.Contains(part, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"No line with '{part}' came.");
    }

    private static void RequireLibrary() => Assert.SkipWhen(
        TorchLibrary.Path is null, $"{TorchLibrary.FileName} is missing. Build it: ./lepton native build");
}
