namespace Lepton.Bench.Suites;

/// <summary>What the coordination suite needs from this machine: etcd, and the load generator.</summary>
internal sealed class CoordinationPeers
{
    private const string Install = "bench/setup.sh, or: apt-get install";
    private readonly string? _etcd;
    private readonly string? _h2Load;

    private CoordinationPeers(string? etcd, string? h2Load) => (_etcd, _h2Load) = (etcd, h2Load);

    /// <summary>Null where etcd is there.</summary>
    public string? EtcdMissing => _etcd is null ? $"etcd is not installed: {Install} etcd-server" : null;

    /// <summary>Null where etcd and the load generator are there.</summary>
    public string? LoadMissing => EtcdMissing ??
        (_h2Load is null ? $"h2load is not installed: {Install} nghttp2-client" : null);

    public string Versions =>
        $"{_etcd?.Replace("etcd Version:", "etcd", StringComparison.Ordinal) ?? "no etcd"}; {_h2Load ?? "no h2load"}";

    public static CoordinationPeers Find() => new(
        ProgramVersion.FirstLine("etcd", "--version"), ProgramVersion.FirstLine("h2load", "--version"));
}
