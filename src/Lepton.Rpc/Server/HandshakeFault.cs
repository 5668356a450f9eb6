using System.Security.Authentication;

namespace Lepton.Rpc.Server;

/// <summary>What is told of a caller whose TLS handshake failed.</summary>
internal static class HandshakeFault
{
    /// <summary>In the words of people where .NET's, of which it has no types, are those of its own parts.</summary>
    public static string Of(AuthenticationException e)
    {
        string why = (e.InnerException ?? e).Message;
        return why.StartsWith("Cannot determine the frame size", StringComparison.Ordinal)
            ? $"it does not speak TLS, as where http is said for https ({why.TrimEnd('.')})."
            : why.EndsWith("RemoteCertificateNotAvailable", StringComparison.Ordinal)
                ? $"it shows no certificate, and has to ({why})."
                : why;
    }
}
