namespace Lepton.Compute;

/// <summary>Why a job failed, where no exception of user code tells it.</summary>
public enum JobFailure
{
    /// <summary>A task went past the memory budget of its worker.</summary>
    Memory,

    /// <summary>A task ran past its deadline.</summary>
    Deadline,

    /// <summary>A task took one worker after another down with it.</summary>
    KillsWorkers,

    /// <summary>A shuffle's output could not be read however often it was made again.</summary>
    InputLost,

    /// <summary>No worker could be started.</summary>
    NoWorkers,

    /// <summary>The session was disposed while the job ran.</summary>
    SessionEnded,

    /// <summary>A defect of Lepton itself.</summary>
    Defect,

    /// <summary>A disk was full; the inner exception says where.</summary>
    DiskFull,

    /// <summary>
    /// The session's balancing policy threw, or chose no worker that was there. The session can run nothing more.
    /// </summary>
    BalancingPolicy,
}
