using System.Net;
using System.Net.Sockets;

namespace Lepton.Coordination.Tests.Servers;

/// <summary>Ports for servers that must know them before they start.</summary>
public static class FreePorts
{
    /// <summary>Ports that nobody listens on, all held until the last is found, so that none comes twice.</summary>
    public static int[] Find(int count)
    {
        List<TcpListener> held = [];
        try
        {
            for (int i = 0; i < count; i++)
            {
                TcpListener listener = new(IPAddress.Loopback, 0);
                listener.Start();
                held.Add(listener);
            }

            return [.. held.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            held.ForEach(listener => listener.Dispose());
        }
    }
}
