using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Data;
using Lepton.Training.Loop;
using Lepton.Training.Parallelism;
using Lepton.Training.Ranks;

/// <summary>Trains on a mesh, where a rank can be made to hang within a step.</summary>
internal static class MeshTraining
{
    private const int Hidden = 32;

    /// <summary>Trains for an epoch.</summary>
    /// <param name="ranks">This rank's place.</param>
    /// <param name="shape">Such as <c>1x2x2</c>.</param>
    /// <param name="train">Images and their labels.</param>
    /// <param name="options">How.</param>
    /// <param name="hang">Where this rank hangs; null: nowhere.</param>
    public static TrainingReport Run(
        RankContext ranks, string shape, TensorDataset train, TrainerOptions options, HangingLayer? hang)
    {
        using DeviceMesh mesh = DeviceMesh.Of(ranks, MeshShape.Parse(shape));
        using var model = new Pipeline(
            mesh,
            [
                new PipelineLayer("in", static () => new Linear(784, Hidden)),
                new PipelineLayer("first", () => Divided(mesh.TensorAxis, new ReLU())),
                new PipelineLayer("second", () => Divided(mesh.TensorAxis, hang ?? new HangingLayer())),
                new PipelineLayer("out", static () => new Linear(Hidden, 10)),
            ],
            static (scores, batch) => LossFunctions.CrossEntropy(scores, batch[1]));
        using var parallelism = new MeshParallelism(ranks, mesh, model);
        using var optimizer = new Adam([new ParameterGroup(parallelism.OwnParameters, new AdamOptions())]);
        using var trainer = new Trainer(ranks, model, optimizer, model.Loss, options) { Parallelism = parallelism };
        return trainer.Fit(train);
    }

    private static Sequential Divided(MeshAxis axis, Module<Tensor, Tensor> between) =>
        new(new ColumnParallelLinear(axis, Hidden, Hidden), between, new RowParallelLinear(axis, Hidden, Hidden));
}
