using Microsoft.Extensions.Logging;

namespace Lepton.Rpc.Server;

internal static partial class RpcServerLog
{
    [LoggerMessage(1000, LogLevel.Information, "Serving at {Address}.")]
    public static partial void Started(ILogger logger, Uri address);

    [LoggerMessage(1001, LogLevel.Information, "Stopped serving at {Address}.")]
    public static partial void Stopped(ILogger logger, Uri address);

    [LoggerMessage(1002, LogLevel.Error, "The handler of {Path} failed.")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, string path);

    [LoggerMessage(1003, LogLevel.Error, "The authenticator failed; the request for {Path} was refused.")]
    public static partial void AuthenticatorFailed(ILogger logger, Exception exception, string path);

    [LoggerMessage(1004, LogLevel.Debug, "The caller of {Path} cancelled or vanished.")]
    public static partial void CallerGone(ILogger logger, string path);

    [LoggerMessage(1005, LogLevel.Warning, "A connection from {Caller} was refused in its TLS handshake: {Fault}")]
    public static partial void HandshakeFailed(ILogger logger, string caller, string fault);
}
