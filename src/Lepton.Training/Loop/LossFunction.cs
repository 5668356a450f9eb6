using Lepton.Torch;
using Lepton.Training.Data;

namespace Lepton.Training.Loop;

/// <summary>Runs the model on a batch and gives the mean of its samples' losses, one number to go backward
/// from.</summary>
public delegate Tensor LossFunction(TrainingBatch batch);
