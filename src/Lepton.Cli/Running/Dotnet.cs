using System.Diagnostics;

namespace Lepton.Cli.Running;

/// <summary>Calls the <c>dotnet</c> command.</summary>
internal static class Dotnet
{
    /// <summary>The host that runs this process, where it is the command; the one on the path otherwise.</summary>
    public static string Host =>
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    /// <summary>Runs it to its end and gives what it wrote, standard output and errors one after the other.</summary>
    public static async Task<(int Code, string Output)> CaptureAsync(
        IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var info = new ProcessStartInfo(Host, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = new Process { StartInfo = info };
        process.Start();
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellation);
        try
        {
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
            return (process.ExitCode, await output.ConfigureAwait(false) + await errors.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
