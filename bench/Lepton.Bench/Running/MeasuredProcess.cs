using System.Diagnostics;

namespace Lepton.Bench.Running;

/// <summary>Runs a command to its end and watches its memory and processor time.</summary>
internal static class MeasuredProcess
{
    private const int ErrorLinesShown = 15;

    /// <summary>How it went: its output, its time, and what it used.</summary>
    /// <exception cref="FailedRunException">It ended with an error, or ran past <paramref name="timeout"/>.</exception>
    public static async Task<ProcessRun> RunAsync(
        Command command, TimeSpan timeout, CancellationToken cancellation)
    {
        var info = new ProcessStartInfo(command.File)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (string word in command.Arguments)
        {
            info.ArgumentList.Add(word);
        }

        foreach ((string name, string value) in command.Environment)
        {
            info.Environment[name] = value;
        }

        DateTimeOffset startedAt = DateTimeOffset.UtcNow;
        long started = Stopwatch.GetTimestamp();
        using Process process = Process.Start(info)!;
        process.StandardInput.Close();
        var tree = new TreeSampler(process.Id);
        using var sampling = new CancellationTokenSource();
        Task sampled = tree.RunAsync(sampling.Token);
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            throw new FailedRunException($"it ran past {timeout.TotalMinutes:0} minutes and was ended: {command}");
        }
        finally
        {
            await sampling.CancelAsync();
            await sampled;
        }

        TimeSpan wall = Stopwatch.GetElapsedTime(started);
        string[] lines = (await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return process.ExitCode == 0
            ? new ProcessRun(await output, startedAt, wall, tree)
            : throw new FailedRunException(
                $"exit code {process.ExitCode} of: {command}{Environment.NewLine}" +
                string.Join(Environment.NewLine, lines.Take(ErrorLinesShown)));
    }
}
