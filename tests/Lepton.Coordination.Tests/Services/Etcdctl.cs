using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Lepton.Coordination.Tests.Services;

/// <summary>Debian's unmodified <c>etcdctl</c>.</summary>
internal static partial class Etcdctl
{
    private const string Program = "/usr/bin/etcdctl";

    /// <summary>Skips the test where it is not installed.</summary>
    public static void Require()
    {
        if (!File.Exists(Program))
        {
            Assert.Skip($"{Program} is not installed (Debian's package etcd-client)");
        }
    }

    /// <summary>Starts a command that may go on for long.</summary>
    public static Process Start(Uri address, params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(Program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ETCDCTL_API"] = "3" },
            ArgumentList = { "--endpoints", address.Authority, "--command-timeout", "20s" },
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    /// <summary>Runs a command to its end and gives what it wrote, and the exit code where it is not 0.</summary>
    public static async Task<string> RunAsync(Uri address, string input, params IEnumerable<string> arguments)
    {
        using Process process = Start(address, arguments);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        StringBuilder all = new(await output);
        foreach (string line in (await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // Its own log, with times and addresses.
            if (!line.StartsWith("{\"level\"", StringComparison.Ordinal))
            {
                all.Append(line).Append('\n');
            }
        }

        if (process.ExitCode != 0)
        {
            all.Append(System.Globalization.CultureInfo.InvariantCulture, $"[exit {process.ExitCode}]\n");
        }

        return all.ToString();
    }

    /// <summary>
    /// Plays a file of commands: <c>$</c> a command line, <c>&lt;</c> its input; what it wrote stands below.
    /// </summary>
    public static async Task<string> PlayAsync(Uri address, string text)
    {
        StringBuilder played = new();
        foreach (string block in text.Split("\n\n"))
        {
            string[] lines = block.Split('\n');
            string[] kept = [.. lines.TakeWhile(line => line.Length > 0 && line[0] is '#' or '$' or '<')];
            string command = kept.Single(line => line[0] == '$')[2..];
            string input = string.Concat(
                kept.Where(line => line[0] == '<').Select(line => line[1..].TrimStart(' ') + "\n"));
            string output = await RunAsync(address, input, Words().Matches(command).Select(Unquote));
            played.Append(string.Join('\n', kept)).Append('\n').Append(Anonymous(output)).Append('\n');
        }

        return played.ToString()[..^1];
    }

    /// <summary>Addresses and ids, which differ from run to run, get the same names.</summary>
    private static string Anonymous(string output) =>
        Ids().Replace(Addresses().Replace(output, "ADDRESS"), "ID").Replace("\n\n", "\n-\n", StringComparison.Ordinal);

    private static string Unquote(Match word) => word.Value.Trim('\'');

    [GeneratedRegex(@"'[^']*'|\S+")]
    private static partial Regex Words();

    [GeneratedRegex(@"127\.0\.0\.1:\d+")]
    private static partial Regex Addresses();

    [GeneratedRegex(@"\b[0-9a-f]{13,16}\b")]
    private static partial Regex Ids();
}
