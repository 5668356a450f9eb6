namespace Lepton.Raft.Hosting;

/// <summary>A state that was fixed at one index. Dispose it, so that what it holds back can go.</summary>
public interface IStateSnapshot : IDisposable
{
    /// <summary>Writes the state. Called once, on any thread.</summary>
    void WriteTo(Stream data, CancellationToken cancellationToken);
}
