using Lepton.Compute.Protocol;
using Lepton.Compute.Scheduling;
using Lepton.Core.Records;

namespace Lepton.Compute.Session;

/// <summary>The way to one executor. Only the transport differs between an executor in this process and one in a
/// worker.</summary>
internal abstract class ExecutorLink(int id, string name, int slots)
{
    public int Id { get; } = id;

    public string Name { get; } = name;

    public int Slots { get; } = slots;

    /// <summary>The dispatcher's view; null while it is not attached.</summary>
    public WorkerView? View { get; set; }

    /// <summary>Where other machines read its shuffle outputs; empty where nobody does.</summary>
    public string BlockAddress { get; set; } = "";

    /// <summary>The stages whose program it has, with the version of the inputs that it knows.</summary>
    public Dictionary<int, int> KnownStages { get; } = [];

    /// <summary>
    /// Whether its end is held against the tasks that it was running. Not where the session itself ended it because of
    /// something else.
    /// </summary>
    public bool BlamesTasks { get; set; } = true;

    /// <summary>
    /// True once it is being ended by force. Whatever it still says is not heard: it dies with all that it has in hand,
    /// as in a crash, however much of that it had just finished.
    /// </summary>
    public virtual bool IsEnding => false;

    /// <summary>Whether its memory is bounded by the session's options.</summary>
    public virtual bool HasMemoryBudget => true;

    public abstract int ProcessId { get; }

    /// <summary>Sends a message; keeps the order. Never blocks.</summary>
    public abstract void Send(ToExecutor message);

    /// <summary>Has it forget stages and caches that are over.</summary>
    public void Forget(Release release)
    {
        foreach (int stage in release.Stages)
        {
            KnownStages.Remove(stage);
        }

        Send(new ToExecutor { Release = release });
    }

    /// <summary>Ends it by force. False where that can't be done: threads of this process.</summary>
    public abstract bool Kill(string reason);
}
