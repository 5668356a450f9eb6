namespace Lepton.Training.Data;

/// <summary>How far a pass over the data has come; says nothing of ranks, so any number of them can go on from
/// it.</summary>
/// <param name="Epoch">Passes that were finished.</param>
/// <param name="Batch">Batches of this pass that were finished.</param>
public readonly record struct SamplePosition(long Epoch, long Batch);
