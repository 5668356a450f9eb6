namespace Lepton.Coordination.Tests.Servers;

/// <summary>A program that runs one member and takes etcd's flags.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="File">What is executed.</param>
/// <param name="Arguments">What comes before the flags.</param>
/// <param name="Needs">The file without which it can't run.</param>
/// <param name="Advice">How to get that.</param>
public sealed record ServerProgram(
    string Name, string File, IReadOnlyList<string> Arguments, string Needs, string Advice)
{
    private static readonly string s_lepton = Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "Lepton.Cli", "release", "Lepton.Cli.dll"));

    /// <summary>etcd, of Debian's package.</summary>
    public static ServerProgram Etcd { get; } = new(
        "etcd", "/usr/bin/etcd", [], "/usr/bin/etcd", "Install it: apt-get install etcd-server etcd-client");

    /// <summary>Lepton's own.</summary>
    public static ServerProgram Lepton { get; } = new(
        "lepton coordinator", "dotnet", [s_lepton, "coordinator"], s_lepton, "Build it: dotnet build Lepton.slnx " +
            "-c Release");

    /// <summary>Ends the test as skipped where the program is missing.</summary>
    public void Require() => Assert.SkipUnless(System.IO.File.Exists(Needs), $"{Needs} is missing. {Advice}");
}
