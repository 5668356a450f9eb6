using System.Diagnostics;
using Lepton.Bench.Running;

namespace Lepton.Bench.Objects;

/// <summary>A process of <see cref="BareServer"/>.</summary>
internal sealed class BareProcess : IDisposable
{
    private readonly Process _process;

    private BareProcess(Process process, Uri url) => (_process, Url) = (process, url);

    /// <summary>Where its one object is.</summary>
    public Uri Url { get; }

    public static async Task<BareProcess> StartAsync(string directory)
    {
        Process process = Process.Start(
            new ProcessStartInfo(
                Environment.ProcessPath!,
                [typeof(BareProcess).Assembly.Location, "bare-server", "--directory", directory])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
        return new BareProcess(
            process,
            await process.StandardOutput.ReadLineAsync() is { } line
                ? new Uri(line)
                : throw new FailedRunException("the bare server did not start"));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
