using System.Net;
using System.Net.Sockets;

namespace Lepton.Coordination.Tests.Servers;

/// <summary>Ports for servers that must know them before they start.</summary>
public static class FreePorts
{
    // Below those that the system gives to whoever asks for any: until its server starts, a port is nobody's.
    private const int First = 12_000;
    private const int End = 32_000;
    private const int TriesMax = 1000;

    /// <summary>Ports that nobody listens on, all held until the last is found, so that none comes twice.</summary>
    public static int[] Find(int count)
    {
        List<TcpListener> held = [];
        try
        {
            for (int tries = 0; held.Count < count; tries++)
            {
                TcpListener listener = new(IPAddress.Loopback, Random.Shared.Next(First, End));
                try
                {
                    listener.Start();
                    held.Add(listener);
                }
                catch (SocketException e) when (
                    e.SocketErrorCode == SocketError.AddressAlreadyInUse && tries < TriesMax)
                {
                    listener.Dispose();
                }
            }

            return [.. held.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            held.ForEach(listener => listener.Dispose());
        }
    }
}
