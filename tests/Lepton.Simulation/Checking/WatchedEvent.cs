namespace Lepton.Simulation.Checking;

/// <summary>A change of a key, as the store made it or as a watch told it.</summary>
/// <param name="Revision">The revision that made it.</param>
/// <param name="Order">Its place among the changes of that revision.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">The new value; null where it was deleted.</param>
public sealed record WatchedEvent(long Revision, int Order, string Key, string? Value)
{
    public override string ToString() => $"{Revision}.{Order} {Key}={Value ?? "deleted"}";
}
