namespace Lepton.Bench.Suites;

/// <summary>A suite: what is measured, against which peers.</summary>
internal interface ISuite
{
    /// <summary>The rows' work, in their order.</summary>
    IReadOnlyList<Work> Works();

    /// <summary>The peers and their versions, in one line.</summary>
    string PeerVersions { get; }
}
