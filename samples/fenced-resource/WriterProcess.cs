using System.Diagnostics;
using System.Globalization;

namespace FencedResource;

/// <summary>A writer as the account sees it: a process that sends writes, each with its token.</summary>
internal sealed class WriterProcess : IDisposable
{
    private readonly Process _process;

    public WriterProcess(string name, string endpoints, string lockName)
    {
        Name = name;
        _process = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!,
            [.. Runner(), "writer", lockName, endpoints])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    public string Name { get; }

    /// <summary>Waits until it holds the lock.</summary>
    /// <returns>Its fencing token.</returns>
    public async Task<long> TakeLockAsync() => Number(await ReadAsync());

    /// <summary>Has it write, and gives its write to the account.</summary>
    /// <returns>What the account did.</returns>
    public async Task<string> WriteAsync(FencedAccount account, long balance)
    {
        await _process.StandardInput.WriteLineAsync($"write {balance}");
        string[] write = (await ReadAsync()).Split(' ');
        (long written, long token) = (Number(write[1]), Number(write[3]));
        return account.TryWrite(written, token)
            ? $"accepted, the balance is {account.Balance}"
            : "refused, its token is older than one that was seen";
    }

    /// <summary>Pauses it, or lets it go on.</summary>
    public async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start(
            "kill", ["-" + signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Has it end.</summary>
    /// <returns>What it says of its lock.</returns>
    public async Task<string> EndAsync()
    {
        await _process.StandardInput.WriteLineAsync("end");
        string last = await ReadAsync();
        await _process.WaitForExitAsync();
        return last;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    /// <summary>This program itself, also where it is started as <c>dotnet fenced-resource.dll</c>.</summary>
    private static string[] Runner() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [typeof(WriterProcess).Assembly.Location]
            : [];

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private async Task<string> ReadAsync() => await _process.StandardOutput.ReadLineAsync() ??
        throw new InvalidOperationException(
            $"The {Name} writer has ended early. Are the servers at --endpoints running? Its message is above.");
}
