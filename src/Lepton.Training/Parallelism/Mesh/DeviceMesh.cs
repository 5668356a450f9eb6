using Lepton.Torch;
using Lepton.Torch.Distributed;
using Lepton.Training.Ranks;

namespace Lepton.Training.Parallelism;

/// <summary>
/// The ranks of a training on a mesh <c>data × tensor × pipeline</c>, each axis with a group of its own: PyTorch's
/// <c>DeviceMesh</c>. Dispose of it before the ranks' context.
/// </summary>
public sealed class DeviceMesh : IDisposable
{
    private DeviceMesh(MeshShape shape, MeshPlace place, MeshAxis data, MeshAxis tensor, MeshAxis pipeline)
    {
        Shape = shape;
        Place = place;
        DataAxis = data;
        TensorAxis = tensor;
        PipelineAxis = pipeline;
    }

    /// <summary>How many ranks share in each way.</summary>
    public MeshShape Shape { get; }

    /// <summary>Where this rank is.</summary>
    public MeshPlace Place { get; }

    /// <summary>The ranks with this one's parameters and other samples.</summary>
    public MeshAxis DataAxis { get; }

    /// <summary>The ranks with the other parts of this one's layers: what divided layers are made with.</summary>
    public MeshAxis TensorAxis { get; }

    /// <summary>The ranks with the other layers.</summary>
    public MeshAxis PipelineAxis { get; }

    /// <summary>Divides all ranks; all call it, with the same shape.</summary>
    /// <exception cref="ArgumentException">The mesh is of another number of ranks.</exception>
    /// <exception cref="CollectiveException">Not all ranks came.</exception>
    public static DeviceMesh Of(RankContext ranks, MeshShape shape)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        shape.RequireRanks(ranks.Size);
        MeshPlace place = shape.PlaceOf(ranks.Rank);

        // In the same order on every rank: a group is there when all of its ranks have come to it.
        MeshAxis tensor = Join("tensor", place.Tensor, shape.Tensor, $"{place.Data},{place.Pipeline}");
        MeshAxis data = Join("data", place.Data, shape.Data, $"{place.Tensor},{place.Pipeline}");
        MeshAxis pipeline = Join("pipeline", place.Pipeline, shape.Pipeline, $"{place.Data},{place.Tensor}");
        return new DeviceMesh(shape, place, data, tensor, pipeline);

        MeshAxis Join(string name, int rank, int size, string others) => size == 1
            ? MeshAxis.Alone(name)
            : MeshAxis.Over(name, ranks.JoinGroup($"mesh/{name}/{others}", rank, size));
    }

    /// <summary>A mesh of axes that are there already, which it takes over.</summary>
    internal static DeviceMesh Of(MeshAxis data, MeshAxis tensor, MeshAxis pipeline) => new(
        new MeshShape(data.Size, tensor.Size, pipeline.Size), new MeshPlace(data.Rank, tensor.Rank, pipeline.Rank),
        data, tensor, pipeline);

    /// <summary>A mesh of one rank.</summary>
    public static DeviceMesh Alone() => Planned(new MeshShape(1, 1, 1), default);

    /// <summary>A rank's place on a mesh without the other ranks, for dry runs.</summary>
    public static DeviceMesh Planned(MeshShape shape, MeshPlace place) => new(
        shape, place, MeshAxis.Planned("data", place.Data, shape.Data),
        MeshAxis.Planned("tensor", place.Tensor, shape.Tensor),
        MeshAxis.Planned("pipeline", place.Pipeline, shape.Pipeline));

    /// <summary>Closes the groups.</summary>
    public void Dispose()
    {
        PipelineAxis.Dispose();
        DataAxis.Dispose();
        TensorAxis.Dispose();
    }
}
