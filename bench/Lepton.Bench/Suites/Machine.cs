using System.Globalization;
using System.Runtime.InteropServices;

namespace Lepton.Bench.Suites;

/// <summary>What the figures depend on: the machine and the versions.</summary>
internal static class Machine
{
    private const double KiBPerGiB = 1 << 20;

    public static IReadOnlyList<string> Describe(string peerVersions)
    {
        string cpu = Field("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();
        string memory = Field("/proc/meminfo", "MemTotal") is { } total
            ? FormattableString.Invariant($"{Number(total.Split(' ')[0]) / KiBPerGiB:0.#} GiB")
            : "unknown";
        string kernel = File.Exists("/proc/sys/kernel/osrelease")
            ? File.ReadAllText("/proc/sys/kernel/osrelease").Trim()
            : RuntimeInformation.OSDescription;
        return
        [
            $"CPU: {cpu}, {Environment.ProcessorCount} cores used by both sides",
            $"Memory: {memory}",
            $"System: {Field("/etc/os-release", "PRETTY_NAME")?.Trim('"')}, kernel {kernel}",
            $"Ours: {RuntimeInformation.FrameworkDescription}",
            $"Peers: {peerVersions}",
        ];
    }

    /// <summary>How busy the machine is with other things; figures of a busy machine say little.</summary>
    public static double? LoadAverage() =>
        File.Exists("/proc/loadavg")
            ? Number(File.ReadAllText("/proc/loadavg").Split(' ')[0])
            : null;

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string? Field(string file, string name)
    {
        string? line = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOfAny([':', '=']) + 1)..].Trim();
    }
}
