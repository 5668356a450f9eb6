using System.Net;

namespace Lepton.Coordination.Hosting;

/// <summary>URLs of the flags: http or https, a host, a port, and nothing else.</summary>
internal static class ListenUrl
{
    /// <summary>What is wrong with a URL; null where nothing is.</summary>
    public static string? Fault(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? url) switch
    {
        true when url!.Scheme is not ("http" or "https") =>
            $"'{text}' begins with {url.Scheme}; expected http or https, such as http://127.0.0.1:2379.",
        true when url!.PathAndQuery is not ("/" or "") || url.UserInfo.Length > 0 || url.Fragment.Length > 0 =>
            $"'{text}' has more than a host and a port; expected such as http://127.0.0.1:2379.",
        true when url!.IsDefaultPort && !text.EndsWith(":80", StringComparison.Ordinal) &&
            !text.EndsWith(":443", StringComparison.Ordinal) =>
            $"'{text}' has no port; expected such as {url.Scheme}://{url.Host}:2379.",
        true => null,
        false => $"'{text}' is no URL; expected such as http://127.0.0.1:2379.",
    };

    /// <summary>Where to listen for a URL whose host is an address of this machine's, or localhost.</summary>
    /// <returns>The end point; null for a name, which may lead elsewhere.</returns>
    public static IPEndPoint? EndPoint(Uri url)
    {
        string host = url.Host.Trim('[', ']');
        if (host == "localhost")
        {
            return new IPEndPoint(IPAddress.Loopback, url.Port);
        }

        return IPAddress.TryParse(host, out IPAddress? address) ? new IPEndPoint(address, url.Port) : null;
    }
}
