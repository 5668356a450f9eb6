using System.Globalization;
using Lepton.Torch;
using Lepton.Torch.Serialization;
using Lepton.Training.ParameterServer.Launching;

namespace Lepton.Training.Tests.ParameterServer;

/// <summary>A training of real processes with parameter servers that ran to its end.</summary>
internal sealed record ParameterRun(int ExitCode, IReadOnlyList<string> Lines)
{
    private static readonly TimeSpan s_timeMax = TimeSpan.FromMinutes(4);

    public string Text => string.Join('\n', Lines);

    /// <summary>The loss on samples that no step saw, behind the last step.</summary>
    public double Loss => double.Parse(
        Lines.Single(static line => line.Contains("loss ", StringComparison.Ordinal)).Split(' ')[^1],
        CultureInfo.InvariantCulture);

    /// <summary>Runs the fixture's program as workers of servers.</summary>
    public static async Task<ParameterRun> OfAsync(
        int workers, int servers, bool hasBackups, string folder, params string[] arguments) =>
        await OfAsync(workers, servers, hasBackups, TimeSpan.FromMinutes(5), folder, arguments);

    /// <summary>As above; a worker may be silent as long as the lease says, beyond which the others go on.</summary>
    public static async Task<ParameterRun> OfAsync(
        int workers, int servers, bool hasBackups, TimeSpan lease, string folder, params string[] arguments)
    {
        Directory.CreateDirectory(folder);
        var lines = new List<string>();
        var launcher = new ParameterLauncher(
            new ParameterLaunchOptions
            {
                WorkerCommand = [
                    "dotnet", "exec", Program, "worker", "--out", ModelOf(folder), "--pids", folder, .. arguments,
                ],
                ServerCommand = ["dotnet", "exec", Program, "server", "--pids", folder],
                Workers = workers,
                Servers = servers,
                HasBackups = hasBackups,
                WorkerLease = lease,
            },
            (line, _) =>
            {
                lock (lines)
                {
                    lines.Add(line);
                }
            });
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(s_timeMax);
        int code = await launcher.RunAsync(limit.Token);
        return new ParameterRun(code, lines);
    }

    /// <summary>Runs the same training in a single process.</summary>
    public static async Task<ParameterRun> AloneAsync(string folder, params string[] arguments)
    {
        Directory.CreateDirectory(folder);
        var start = new System.Diagnostics.ProcessStartInfo(
            "dotnet", ["exec", Program, "alone", "--out", ModelOf(folder), .. arguments])
        {
            RedirectStandardOutput = true,
        };
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(start)!;
        string text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new ParameterRun(process.ExitCode, text.Split('\n'));
    }

    /// <summary>Asserts that two trainings ended with the same model, to 1e-5.</summary>
    public static void AssertSameModel(string expected, string actual)
    {
        using var scope = new TensorScope();
        IReadOnlyDictionary<string, Tensor> wanted = Safetensors.Load(ModelOf(expected));
        IReadOnlyDictionary<string, Tensor> got = Safetensors.Load(ModelOf(actual));
        Assert.Equal(wanted.Keys.Order(), got.Keys.Order());
        foreach ((string name, Tensor tensor) in wanted)
        {
            double difference = (tensor - got[name]).Abs().Max().ToDouble() / tensor.Abs().Max().ToDouble();
            Assert.True(difference <= 1e-5, $"{name} differs by {difference:G3}");
        }
    }

    private static string Program
    {
        get
        {
            string built = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
            return Path.Combine(
                Path.GetDirectoryName(Path.GetDirectoryName(built))!, "Lepton.ParameterProgram",
                Path.GetFileName(built), "Lepton.ParameterProgram.dll");
        }
    }

    private static string ModelOf(string folder) => Path.Combine(folder, "model.safetensors");
}
