using System.Diagnostics;

namespace Lepton.Cli.Tests;

/// <summary>A program that runs.</summary>
internal sealed class StartedLepton : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TemporaryFolder _temporary;
    private readonly CancellationTokenSource _limit = LeptonRun.NewLimit();
    private readonly Task<string> _error;
    private bool _ended;

    private StartedLepton(Process process, TemporaryFolder temporary)
    {
        _process = process;
        _temporary = temporary;
        _error = process.StandardError.ReadToEndAsync(_limit.Token);
    }

    public static StartedLepton Start(string program, params string[] arguments) => Start(program, [], arguments);

    /// <summary>Starts it with environment variables of its own.</summary>
    public static StartedLepton Start(
        string program, IEnumerable<KeyValuePair<string, string>> environment, params string[] arguments)
    {
        var temporary = new TemporaryFolder();
        string assembly = Path.Combine(AppContext.BaseDirectory, program + ".dll");
        var start = new ProcessStartInfo("dotnet", ["exec", assembly, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TMPDIR"] = temporary.Path;
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return new StartedLepton(Process.Start(start)!, temporary);
    }

    /// <summary>Its standard input.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>The next line that it writes; null at the end.</summary>
    public async Task<string?> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync(_limit.Token);

    /// <summary>Sends it a signal, as <c>kill</c> names it.</summary>
    public async Task SignalAsync(string name)
    {
        using Process kill = Process.Start(
            "kill", ["-" + name, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(_limit.Token);
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Waits for its end.</summary>
    public async Task<LeptonRun> EndAsync()
    {
        string output = await _process.StandardOutput.ReadToEndAsync(_limit.Token);
        await _process.WaitForExitAsync(_limit.Token);
        _ended = true;
        return LeptonRun.Of(_temporary, _process.ExitCode, output, await _error);
    }

    public ValueTask DisposeAsync()
    {
        if (!_ended)
        {
            _process.Kill(entireProcessTree: true);
            _temporary.Dispose();
        }

        _process.Dispose();
        _limit.Dispose();
        return ValueTask.CompletedTask;
    }
}
