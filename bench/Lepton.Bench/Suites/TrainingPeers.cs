namespace Lepton.Bench.Suites;

/// <summary>Whether PyTorch is on this machine, and in which version.</summary>
/// <param name="Python">The Python that has it.</param>
/// <param name="Version">Null where it is missing.</param>
internal sealed record TrainingPeers(string Python, string? Version)
{
    private const string DebianPython = "/usr/bin/python3";

    /// <summary>The command that installs it; null where it is there.</summary>
    public string? Missing => Version is null
        ? "PyTorch is not installed: bench/setup.sh, or: apt-get install python3-torch"
        : null;

    /// <summary>Debian's PyTorch uses the same libtorch as ours; another one on the path would not.</summary>
    public static TrainingPeers Find() => new(
        DebianPython,
        ProgramVersion.FirstLine(
            DebianPython, "-c",
            "import sys, torch; print(f'PyTorch {torch.__version__}, Python {sys.version.split()[0]}')"));
}
