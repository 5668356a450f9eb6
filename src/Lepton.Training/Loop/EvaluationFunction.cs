using Lepton.Training.Data;

namespace Lepton.Training.Loop;

/// <summary>Runs the model on a batch and adds what it found to sums; gradients are not recorded.</summary>
public delegate void EvaluationFunction(TrainingBatch batch, MetricSums sums);
