using System.Diagnostics;

namespace Lepton.Storage.Tests.Clients;

/// <summary>A client of Debian's that talks to the store.</summary>
internal sealed class ClientProgram(string path, string package, IReadOnlyDictionary<string, string> environment)
{
    /// <summary>Ends the test as skipped where the program is missing.</summary>
    public void Require() => Assert.SkipUnless(
        File.Exists(path), $"{path} is missing. Install it: apt-get install {package}");

    /// <summary>Runs it to its end, which must be a good one.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> RunAsync(params string[] arguments)
    {
        ProcessStartInfo start = new(path, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What the tests' own environment says of another S3 store is none of this one's business.
        foreach (string name in start.Environment.Keys
            .Where(static name => name.StartsWith("AWS_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
        string output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        Assert.True(
            process.ExitCode == 0,
            $"'{path} {string.Join(' ', arguments)}' ended with {process.ExitCode}: {await error}{output}");
        return output;
    }
}
