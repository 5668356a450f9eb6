using System.Net;

namespace Lepton.Rpc.Server;

/// <summary>A server could not listen at its address; the message says why and what to do.</summary>
public sealed class RpcBindException : IOException
{
    internal RpcBindException(IPEndPoint endPoint, string message, Exception inner)
        : base(message, inner) => EndPoint = endPoint;

    /// <summary>The address that was asked for.</summary>
    public IPEndPoint EndPoint { get; }
}
