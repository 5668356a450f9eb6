namespace Lepton.Training.Loop;

/// <summary>Why a training ended.</summary>
public enum TrainingEnd
{
    /// <summary>All epochs, or steps, are done.</summary>
    Done,

    /// <summary>The metric got no better.</summary>
    StoppedEarly,

    /// <summary>SIGTERM or Ctrl-C; the next start goes on from the checkpoint.</summary>
    Interrupted,
}
