using System.CommandLine;
using Lepton.Coordination.Hosting;

namespace Lepton.Cli.Coordination;

/// <summary>The flags for one side's certificates.</summary>
internal sealed class CertificateFlags(string prefix, string whom)
{
    private readonly Option<string?> _cert = new($"{prefix}cert-file")
    {
        Description = $"The certificate that is shown to {whom}, PEM.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _key = new($"{prefix}key-file")
    {
        Description = "Its private key, PEM.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _roots = new($"{prefix}trusted-ca-file")
    {
        Description = $"Who may vouch for {whom}, PEM.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _asks = new($"{prefix}client-cert-auth")
    {
        Description = $"Let in by certificates alone, of {whom}.",
    };

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [_cert, _key, _roots, _asks];

    /// <summary>What was given.</summary>
    public CertificateFiles Read(ParseResult result) => new(
        result.GetValue(_cert), result.GetValue(_key), result.GetValue(_roots), result.GetValue(_asks));
}
