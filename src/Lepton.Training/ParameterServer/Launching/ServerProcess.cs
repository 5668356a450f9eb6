using System.Diagnostics;

namespace Lepton.Training.ParameterServer.Launching;

/// <summary>A server's process. It ends when this one does: its standard input is a pipe from here.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _output;

    private ServerProcess(Process process, string prefix, Action<string, bool> write)
    {
        _process = process;
        _output = Task.WhenAll(
            PassOnAsync(process.StandardOutput, line => TakeLine(line, prefix, write)),
            PassOnAsync(process.StandardError, line => write(prefix + line, true)));
    }

    public int Id => _process.Id;

    /// <summary>Where it listens, as soon as it does; fails where it ends before.</summary>
    public Task<Uri> Listening => _listening.Task;

    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    public static ServerProcess Start(
        IReadOnlyList<string> command, string token, string prefix, Action<string, bool> write)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[ParameterClientOptions.TokenVariable] = token;
        return new ServerProcess(Process.Start(start)!, prefix, write);
    }

    /// <summary>Waits for its end, and for all that it wrote.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        await _output.ConfigureAwait(false);
        _listening.TrySetException(new ParameterServerException(
            $"A parameter server ended with exit code {_process.ExitCode} before it listened; its own words are " +
            "above."));
        return _process.ExitCode;
    }

    /// <summary>Ends it at once.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
    }

    public void Dispose() => _process.Dispose();

    private static async Task PassOnAsync(StreamReader reader, Action<string> take)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            take(line);
        }
    }

    private void TakeLine(string line, string prefix, Action<string, bool> write)
    {
        if (line.StartsWith(ServerArguments.Listening, StringComparison.Ordinal))
        {
            _listening.TrySetResult(new Uri(line[ServerArguments.Listening.Length..]));
        }

        write(prefix + line, false);
    }
}
