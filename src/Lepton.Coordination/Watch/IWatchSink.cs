namespace Lepton.Coordination.Watch;

/// <summary>Is told that a watcher, which had nothing to read, has something now.</summary>
internal interface IWatchSink
{
    /// <summary>There is something to read. Called at most once until the watcher has said again that it has nothing;
    /// by the thread that applies commands, so it neither waits nor calls back.</summary>
    void Ready(Watcher watcher);
}
