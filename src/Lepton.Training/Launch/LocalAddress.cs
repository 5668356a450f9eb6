using System.Net;
using System.Net.Sockets;

namespace Lepton.Training.Launch;

/// <summary>The address of this machine at which others reach it.</summary>
internal static class LocalAddress
{
    /// <summary>The address from which this machine reaches a server; nothing is sent.</summary>
    /// <exception cref="SocketException">The server's name is not known, or there is no way to it.</exception>
    public static string Towards(Uri server)
    {
        if (server.IsLoopback)
        {
            return IPAddress.Loopback.ToString();
        }

        IPAddress target = Dns.GetHostAddresses(server.DnsSafeHost)[0];
        using var socket = new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(target, server.Port);
        return ((IPEndPoint)socket.LocalEndPoint!).Address.ToString();
    }
}
