namespace Lepton.Coordination.Client.Transport;

/// <summary>
/// The servers in a ring: all calls use the same one until it fails somebody, then the next. Sticking to one keeps
/// connections few and reads of one client in order. Thread safe.
/// </summary>
internal sealed class EndpointRing(IReadOnlyList<ICoordinationTransport> transports, int first) : IDisposable
{
    private int _current = first;
    private volatile bool _isDisposed;

    /// <summary>The server in use.</summary>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    public ICoordinationTransport Current
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(CoordinationClient));
            return transports[Volatile.Read(ref _current)];
        }
    }

    /// <summary>All servers.</summary>
    public IReadOnlyList<ICoordinationTransport> All => transports;

    /// <summary>
    /// Turns to the next server, unless somebody else has turned away from <paramref name="failed"/> already: calls
    /// that fail together move on by one, not by their number.
    /// </summary>
    public void MoveOn(ICoordinationTransport failed)
    {
        int current = Volatile.Read(ref _current);
        if (transports[current] == failed)
        {
            Interlocked.CompareExchange(ref _current, (current + 1) % transports.Count, current);
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        foreach (ICoordinationTransport transport in transports)
        {
            transport.Dispose();
        }
    }
}
