namespace Lepton.Bench.Suites;

/// <summary>Whether the other S3 server is on this machine, and in which version.</summary>
/// <param name="Version">Null where a part of it is missing.</param>
internal sealed record ObjectPeers(string? Version)
{
    private const string DebianPython = "/usr/bin/python3";

    /// <summary>The command that installs it; null where it is there.</summary>
    public string? Missing => Version is null
        ? "Swift is not installed: bench/setup.sh, or: apt-get install swift-proxy swift-account swift-container " +
            "swift-object memcached"
        : null;

    public static ObjectPeers Find() => new(
        ProgramVersion.FirstLine("memcached", "--version") is { } cache
            && ProgramVersion.FirstLine(
                DebianPython, "-c", "import swift; print(f'OpenStack Swift {swift.__version__}')") is { } swift
            && File.Exists("/usr/bin/swift-object-server")
            && File.Exists("/usr/bin/swift-container-server")
            && File.Exists("/usr/bin/swift-account-server")
            && File.Exists("/usr/bin/swift-proxy-server")
            ? $"{swift} with {cache}"
            : null);
}
