namespace Lepton.Training.ParameterServer;

/// <summary>When servers take gradients in, and how long workers wait for each other.</summary>
public enum UpdateMode
{
    /// <summary>
    /// All workers' gradients make one step, of their mean; a worker that pulls waits for it. As training in a single
    /// process with all workers' samples.
    /// </summary>
    Synchronous = 0,

    /// <summary>
    /// Each worker's gradients make a step of their own when they come; nobody waits. Gradients may be of values that
    /// are any number of steps old.
    /// </summary>
    Asynchronous = 1,

    /// <summary>
    /// As asynchronous, but a worker that pulls waits while it is more than so many steps ahead of the slowest one (the
    /// stale synchronous parallel model: Ho et al., "More Effective Distributed ML", 2013).
    /// </summary>
    BoundedStaleness = 2,
}
