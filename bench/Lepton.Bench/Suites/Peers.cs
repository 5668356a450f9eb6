namespace Lepton.Bench.Suites;

/// <summary>Which peers are on this machine, and in which versions.</summary>
internal sealed class Peers
{
    private const string Install = "bench/setup.sh, or: apt-get install";

    // Debian's own comes first: another one on the path does not see Debian's packages.
    private static readonly string[] s_pythons = ["/usr/bin/python3", "python3"];

    private Peers(string python, string? daskVersions, string? sortVersion)
    {
        Python = python;
        DaskVersions = daskVersions;
        SortVersion = sortVersion;
    }

    /// <summary>The Python that has Dask.</summary>
    public string Python { get; }

    /// <summary>Null where Dask is missing.</summary>
    public string? DaskVersions { get; }

    /// <summary>Null where GNU sort is missing.</summary>
    public string? SortVersion { get; }

    public string? DaskMissing =>
        DaskVersions is null
            ? $"Dask is not installed: {Install} python3-distributed python3-dask python3-pandas"
            : null;

    public string Versions => $"{DaskVersions ?? "no Dask"}; {SortVersion ?? "no GNU sort"}";

    public string? SortMissing => SortVersion is null ? $"GNU sort is not installed: {Install} coreutils" : null;

    public static Peers Find()
    {
        const string script =
            "import sys, dask, dask.bag, dask.dataframe, distributed, pandas, numpy; " +
            "print(f'Dask {dask.__version__}, distributed {distributed.__version__}, pandas {pandas.__version__}, " +
            "NumPy {numpy.__version__}, Python {sys.version.split()[0]}')";
        (string Python, string? Versions) found = s_pythons
            .Select(python => (python, ProgramVersion.FirstLine(python, "-c", script)))
            .FirstOrDefault(pair => pair.Item2 is not null);
        string? sort = ProgramVersion.FirstLine("sort", "--version");
        return new Peers(
            found.Python ?? s_pythons[0],
            found.Versions,
            sort?.Contains("GNU coreutils", StringComparison.Ordinal) == true ? sort : null);
    }
}
