using Amazon.Runtime;
using Amazon.S3;
using Lepton.Objects;
using Lepton.Objects.Tests;
using Lepton.Torch;
using Lepton.Torch.Serialization;
using Lepton.Training.Checkpoints;
using Lepton.Training.Launch;
using Lepton.Training.Ranks;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Tests.Checkpoints;

/// <summary>Checkpoints in an object store, by its protocol.</summary>
public sealed class ObjectCheckpointsTests(StoreFixture store) : TrainingTest, IClassFixture<StoreFixture>
{
    private const string Shard = "shard-0-of-1.safetensors";

    [Fact]
    public async Task Open_Finished_HasWhatWasWritten()
    {
        (ObjectCheckpoints checkpoints, ObjectUrl _) = await NewAsync();
        using ObjectCheckpoints disposal = checkpoints;
        Write(checkpoints, 5);

        using OpenedCheckpoint opened = checkpoints.Open(5);

        Assert.Equal([5], checkpoints.Steps);
        Assert.Equal(5, opened.Manifest.Step);
        using var scope = new TensorScope();
        Assert.Equal(
            [5f, 6f], Safetensors.Load(opened.PathOf(opened.Manifest.Shards[0]))["weights"].ToArray<float>());
    }

    [Fact]
    public async Task Open_Disposed_LeavesNothingOnThisMachine()
    {
        (ObjectCheckpoints checkpoints, ObjectUrl _) = await NewAsync();
        using ObjectCheckpoints disposal = checkpoints;
        Write(checkpoints, 5);
        OpenedCheckpoint opened = checkpoints.Open(5);
        Assert.True(Directory.Exists(opened.Folder));

        opened.Dispose();

        Assert.False(Directory.Exists(opened.Folder));
    }

    [Fact]
    public async Task Finish_MoreThanKept_DeletesTheOldestWithAllTheirObjects()
    {
        (ObjectCheckpoints checkpoints, ObjectUrl place) = await NewAsync();
        using ObjectCheckpoints disposal = checkpoints;
        Write(checkpoints, 5);
        Write(checkpoints, 10);
        Write(checkpoints, 15);

        Assert.Equal([15, 10], checkpoints.Steps);
        using ObjectClient objects = new(store.Address);
        Assert.DoesNotContain(
            await objects.ListAsync(place).ToListAsync(TestContext.Current.CancellationToken),
            static info => info.Url.Key.Contains("step-000000005", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Clean_AKilledRun_DeletesWhatItDidNotFinishAlone()
    {
        (ObjectCheckpoints checkpoints, ObjectUrl place) = await NewAsync();
        using ObjectCheckpoints disposal = checkpoints;
        Write(checkpoints, 5);
        WriteShard(checkpoints, 10);
        using ObjectClient objects = new(store.Address);
        await objects.PutAsync(place.Child("notes/mine.txt"), new byte[3], TestContext.Current.CancellationToken);

        Assert.Equal([5], checkpoints.Steps);
        checkpoints.Clean();

        Assert.Equal(
            ["mine.txt", "checkpoint.json", Shard],
            (await objects.ListAsync(place).ToListAsync(TestContext.Current.CancellationToken))
                .Select(static info => info.Url.Name));
    }

    [Fact]
    public async Task Clean_AKilledRunWasUploading_EndsTheUploadsOfCheckpointsAlone()
    {
        (ObjectCheckpoints checkpoints, ObjectUrl place) = await NewAsync();
        using ObjectCheckpoints disposal = checkpoints;
        using AmazonS3Client s3 = new(
            new BasicAWSCredentials(store.Address.KeyId, store.Address.Secret),
            new AmazonS3Config { ServiceURL = store.Address.Endpoint, ForcePathStyle = true });
        ObjectUrl mine = place.Child("notes/mine.bin");
        foreach (ObjectUrl url in (ObjectUrl[])[place.Child(CheckpointName.Of(10)).Child(Shard), mine])
        {
            await s3.InitiateMultipartUploadAsync(url.Bucket, url.Key, TestContext.Current.CancellationToken);
        }

        checkpoints.Clean();

        using ObjectClient objects = new(store.Address);
        Assert.Equal(
            [mine],
            (await objects.Uploads.ListAsync(place).ToListAsync(TestContext.Current.CancellationToken))
                .Select(static upload => upload.Url));
    }

    [Theory]
    [InlineData(Shard, "other bytes", "it was changed or damaged")]
    [InlineData(Shard, null, "there is no such object")]
    [InlineData(CheckpointFolder.ManifestName, "{\"Version\": 7}", "can't be used")]
    public async Task Open_Damaged_NamesTheObject(string name, string? content, string message)
    {
        (ObjectCheckpoints checkpoints, ObjectUrl place) = await NewAsync();
        using ObjectCheckpoints disposal = checkpoints;
        Write(checkpoints, 5);
        using ObjectClient objects = new(store.Address);
        ObjectUrl damaged = place.Child(CheckpointName.Of(5)).Child(name);
        await (content is null
            ? objects.DeleteAsync([damaged], TestContext.Current.CancellationToken)
            : objects.PutAsync(
                damaged, System.Text.Encoding.UTF8.GetBytes(content), TestContext.Current.CancellationToken));

        CheckpointException e = Assert.Throws<CheckpointException>(() => checkpoints.Open(5));

        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Contains($"{place}/step-000000005", e.Message, StringComparison.Ordinal);
    }

    /// <summary>A store that is away says nothing of its checkpoints: nobody may start over because of it.</summary>
    [Fact]
    public void Steps_StoreIsAway_IsNoDamage()
    {
        using ObjectClient objects = new(new StoreAddress
        {
            Endpoint = "http://127.0.0.1:1", KeyId = "id", Secret = "secret",
        });
        using ObjectCheckpoints checkpoints = new(objects, new ObjectUrl("bucket", "run"));

        ObjectException e = Assert.Throws<ObjectException>(() => checkpoints.Steps);

        Assert.Contains("could not be reached", e.Message, StringComparison.Ordinal);
        Assert.False(e.IsNotFound);
    }

    [Fact]
    public async Task Fit_SavedByTwoRanks_GoesOnWithThree()
    {
        ObjectUrl place = await store.NewPlaceAsync();
        RankRun whole = await RankRun.OfAsync(1, 0, "--run", Sub("whole"));
        RankRun first = await RankRun.OfAsync(
            2, 0, store.Variables, "--run", Sub("first"), "--checkpoints", $"{place}", "--epochs", "1");
        RankRun second = await RankRun.OfAsync(
            3, 0, store.Variables, "--run", Sub("second"), "--checkpoints", $"{place}");

        Assert.All([whole, first, second], static run => Assert.True(run.ExitCode == 0, run.Text));
        Assert.Contains($"going on from {place}/step-", second.Text, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Sub("second"), "checkpoints")));
        IReadOnlyList<(long Step, double Loss)> rest = RankRun.LossesOf(Sub("second"));
        RankRun.AssertSame([.. RankRun.LossesOf(Sub("whole")).Where(point => point.Step >= rest[0].Step)], rest);
    }

    /// <summary>Ranks 0 and 1 are on a machine, and rank 2 is on another: each has a folder for what passes.</summary>
    [Fact]
    public async Task Fit_GoesOnOnTwoMachines_EachFetchesOnceAndLeavesNothing()
    {
        ObjectUrl place = await store.NewPlaceAsync();
        string[] arguments = ["--checkpoints", $"{place}", "--epochs", "1", "--checkpoint-every", "0"];
        RankRun first = await RankRun.OfAsync(2, 0, store.Variables, arguments);
        string temporary = Sub("temporary");
        foreach (string machine in (string[])["0", "1"])
        {
            // Of a process that is gone: numbers don't go so high.
            Directory.CreateDirectory(
                Path.Combine(temporary, machine, ProcessFolders.NameOf("lepton-checkpoint", 99_999_999, "left")));
        }

        using var folders = new CreatedFolders(temporary, "lepton-checkpoint-*");
        RankRun second = await RankRun.OfAsync(new LaunchOptions
        {
            Command =
            [
                "env", .. store.Variables.Select(static pair => $"{pair.Key}={pair.Value}"), "sh", "-c",
                $"export GROUP_RANK=$((RANK / 2)) LOCAL_RANK=$((RANK % 2)) TMPDIR='{temporary}'/$((RANK / 2)); " +
                    "exec \"$@\"",
                "sh", .. RankRun.Command(arguments),
            ],
            ProcessesPerNode = 3,
        });

        Assert.All([first, second], static run => Assert.True(run.ExitCode == 0, run.Text));
        Assert.Contains($"going on from {place}/step-", second.Text, StringComparison.Ordinal);
        Assert.Equal(
            ["0", "1"],
            (await folders.EndAsync()).Select(static path => Path.GetFileName(Path.GetDirectoryName(path))).Order());
        Assert.All(Directory.EnumerateDirectories(temporary), static machine =>
            Assert.Empty(Directory.EnumerateDirectories(machine, "lepton-checkpoint-*")));
    }

    [Fact]
    public async Task Fit_NoSuchBucket_SaysSoAtOnce()
    {
        RankRun run = await RankRun.OfAsync(
            2, 0, store.Variables, "--run", Sub("run"), "--checkpoints", "s3://nowhere/run");

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("has no bucket 'nowhere'", run.Text, StringComparison.Ordinal);
    }

    private async Task<(ObjectCheckpoints Checkpoints, ObjectUrl Place)> NewAsync()
    {
        ObjectUrl place = await store.NewPlaceAsync();
        return (new ObjectCheckpoints(new ObjectClient(store.Address), place), place);
    }

    private static void Write(ObjectCheckpoints checkpoints, long step)
    {
        checkpoints.Finish(new CheckpointManifest
        {
            Step = step, Epoch = 0, Batch = step, Seed = 1, Samples = 100, BatchSize = 10,
            Shards = [WriteShard(checkpoints, step)],
        });
        checkpoints.Trim(step, kept: 2);
    }

    private static ShardRecord WriteShard(ObjectCheckpoints checkpoints, long step)
    {
        using var scope = new TensorScope();
        return checkpoints.WriteShard(
            step, Shard, new Dictionary<string, Tensor> { ["weights"] = From<float>(step, step + 1) });
    }

    private string Sub(string name) => Path.Combine(Folder, name);
}
