using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Lepton.Bench.Running;

/// <summary>Ports of loopback that nobody listens at.</summary>
internal static class FreePorts
{
    /// <summary>So many, all different. Another program may take one before it is used.</summary>
    public static string[] Find(int count)
    {
        List<TcpListener> listeners = [];
        for (int i = 0; i < count; i++)
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            listeners.Add(listener);
        }

        string[] ports =
        [
            .. listeners.Select(listener =>
                ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture)),
        ];
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }
}
