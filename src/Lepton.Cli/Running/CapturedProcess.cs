using System.Diagnostics;

namespace Lepton.Cli.Running;

/// <summary>Another program, run to its end.</summary>
internal static class CapturedProcess
{
    /// <summary>Runs a program and gives what it wrote, standard output and errors one after the other.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    public static async Task<(int Code, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var info = new ProcessStartInfo(program, arguments)
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
