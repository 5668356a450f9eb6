using Lepton.Torch;
using Lepton.Torch.Serialization;
using Lepton.Training.Checkpoints;
using Lepton.Training.Tests.Parallelism;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Tests.Checkpoints;

/// <summary>A step that the first of two machines holds; each has a folder, and a rank that is a thread.</summary>
public sealed class HeldStepsTests : TrainingTest
{
    private const long Step = 22;

    [Fact]
    public void Share_OneHoldsTheStep_TheOtherDoesThen()
    {
        Hold();

        Assert.Equal([true, true], Share());
        using var scope = new TensorScope();
        using OpenedCheckpoint found = Of(1).Find(Step);
        Assert.Equal([1f, 2f], Safetensors.Load(found.PathOf(found.Manifest.Shards[0]))["weights"].ToArray<float>());
    }

    /// <summary>Else the others would wait for it until the group's time is up.</summary>
    [Fact]
    public void Share_TheOwnersFilesAreGone_AllAreToldAndNobodyWaits()
    {
        Hold();
        File.Delete(Directory.EnumerateFiles(PathOf(0), "*.safetensors", SearchOption.AllDirectories).Single());

        Assert.Equal([false, false], Share());
        Assert.Equal(-1, Of(1).Newest);
    }

    [Fact]
    public void Share_TheOtherHasNoRoom_AllAreTold()
    {
        Hold();
        File.WriteAllText(PathOf(1), "no folder can be here");

        Assert.Equal([false, false], Share());
    }

    private string PathOf(int machine) => Path.Combine(Folder, $"machine-{machine}");

    private HeldSteps Of(int machine) => new(PathOf(machine));

    private void Hold()
    {
        using var scope = new TensorScope();
        Assert.True(Of(0).Hold(
            new CheckpointManifest { Step = Step, Epoch = 0, Batch = 3, Seed = 1, Samples = 100, BatchSize = 10 },
            new Dictionary<string, Tensor> { ["weights"] = From<float>(1, 2) }, round: 0));
    }

    private bool[] Share()
    {
        var isShared = new bool[2];
        GroupThreads.Run(2, group => isShared[group.Rank] = Of(group.Rank).Share(group, Step, owner: 0, round: 1));
        return isShared;
    }
}
