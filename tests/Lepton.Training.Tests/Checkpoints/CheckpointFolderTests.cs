using Lepton.Training.Checkpoints;

namespace Lepton.Training.Tests.Checkpoints;

public sealed class CheckpointFolderTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("lepton-checkpoints-");
    private readonly CheckpointFolder _folder;

    public CheckpointFolderTests() => _folder = new CheckpointFolder(_root.FullName);

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Finish_MoreThanKept_OldestAreDeleted()
    {
        foreach (long step in new long[] { 5, 10, 15, 20 })
        {
            Write(step, kept: 2);
        }

        Assert.Equal([20, 15], _folder.Steps);
        Assert.Equal(20, _folder.Open(20).Manifest.Step);
        Assert.Equal(2, _root.EnumerateDirectories().Count());
    }

    [Fact]
    public void Steps_KilledBeforeTheRename_OnlyFinishedOnes()
    {
        Write(5, kept: 2);
        string unfinished = Directory.CreateDirectory(_folder.UnfinishedPathOf(10)).FullName;
        File.WriteAllText(Path.Combine(unfinished, "shard"), "half");

        Assert.Equal([5], _folder.Steps);
        _folder.Clean();
        Assert.False(Directory.Exists(unfinished));
        Assert.Equal(5, _folder.Open(5).Manifest.Step);
    }

    /// <summary>One kept must be the one just written; a later one that can't be read here stays too.</summary>
    [Fact]
    public void Finish_BehindLaterOnesThatAreDamaged_KeepsTheNewOne()
    {
        Write(100, kept: 1);
        File.Delete(Path.Combine(_folder.PathOf(100), "shard"));

        Write(10, kept: 1);

        Assert.Equal([100, 10], _folder.Steps);
        Assert.Equal(10, _folder.Open(10).Manifest.Step);
    }

    /// <summary>What another version wrote may be whole: nobody may start over because of it.</summary>
    [Fact]
    public void Open_OfANewerVersion_IsNoDamage()
    {
        Write(5, kept: 2);
        string path = Path.Combine(_folder.PathOf(5), CheckpointFolder.ManifestName);
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"Version\": 2", "\"Version\": 3"));

        CheckpointException e = Assert.Throws<CheckpointException>(() => _folder.Open(5));

        Assert.False(e.IsDamage);
        Assert.Contains("it has version 3, where this Lepton reads 1 to 2", e.Message, StringComparison.Ordinal);
        Assert.Contains("move it away to go on from the one before", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("[{\"File\": \"..\", \"Bytes\": 1, \"Crc32C\": 1}]")]
    [InlineData("[{\"File\": \"../other\", \"Bytes\": 1, \"Crc32C\": 1}]")]
    public void Open_ManifestNamesNoFileBesideIt_IsDamage(string shards)
    {
        Write(5, kept: 2);
        string path = Path.Combine(_folder.PathOf(5), CheckpointFolder.ManifestName);
        string text = File.ReadAllText(path);
        string before = text[..text.IndexOf("\"Shards\"", StringComparison.Ordinal)]
            .Replace("\"Version\": 2", "\"Version\": 1", StringComparison.Ordinal);
        File.WriteAllText(path, $"{before}\"Shards\": {shards}}}");

        Assert.True(Assert.Throws<CheckpointException>(() => _folder.Open(5)).IsDamage);
    }

    [Theory]
    [InlineData("\"ScheduleStep\": 0", "\"ScheduleStep\": 7")]
    [InlineData("\"Batch\": 5", "\"Batch\": 6")]
    [InlineData("\"Checksum\": ", "\"Checksum\": 1")]
    public void Open_ManifestChanged_IsDamage(string from, string to)
    {
        Write(5, kept: 2);
        string path = Path.Combine(_folder.PathOf(5), CheckpointFolder.ManifestName);
        string text = File.ReadAllText(path);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));

        CheckpointException e = Assert.Throws<CheckpointException>(() => _folder.Open(5));

        Assert.True(e.IsDamage);
    }

    [Fact]
    public void Open_OfTheFirstVersion_HasNoChecksumAndIsRead()
    {
        Write(5, kept: 2);
        string path = Path.Combine(_folder.PathOf(5), CheckpointFolder.ManifestName);
        string[] lines = [.. File.ReadAllLines(path).Where(
            static line => !line.Contains("\"Checksum\"", StringComparison.Ordinal))];
        File.WriteAllText(path, string.Join('\n', lines)
            .Replace("\"Version\": 2", "\"Version\": 1", StringComparison.Ordinal)
            .Replace("],\n}", "]\n}", StringComparison.Ordinal));

        Assert.Equal(5, _folder.Open(5).Manifest.Step);
    }

    [Theory]
    [InlineData("shard", "changed content", "it was changed or damaged")]
    [InlineData("shard", "cut", "has 3 bytes")]
    [InlineData("shard", null, "shard")]
    [InlineData(CheckpointFolder.ManifestName, "{\"Version\": 1", CheckpointFolder.ManifestName)]
    [InlineData(CheckpointFolder.ManifestName, null, CheckpointFolder.ManifestName)]
    public void Verify_Damaged_NamesTheFile(string file, string? content, string message)
    {
        Write(5, kept: 2);
        string path = Path.Combine(_folder.PathOf(5), file);
        if (content is null)
        {
            File.Delete(path);
        }
        else
        {
            File.WriteAllText(path, content);
        }

        CheckpointException e = Assert.Throws<CheckpointException>(() => _folder.Open(5));
        Assert.True(e.IsDamage);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void ShardPlan_AnyRanks_EachTensorOnceAndEvenly(int ranks)
    {
        long[] bytes = [400, 10, 390, 20, 30, 5, 5, 200, 100];

        IReadOnlyList<int>[] plans = [.. Enumerable.Range(0, ranks).Select(rank => ShardPlan.Of(bytes, rank, ranks))];

        Assert.Equal(Enumerable.Range(0, bytes.Length), plans.SelectMany(static plan => plan).Order());
        Assert.InRange(plans.Max(plan => plan.Sum(place => bytes[place])), 0, Math.Max(400, 1160 / ranks * 1.2));
    }

    private void Write(long step, int kept)
    {
        string unfinished = Directory.CreateDirectory(_folder.UnfinishedPathOf(step)).FullName;
        string shard = Path.Combine(unfinished, "shard");
        File.WriteAllText(shard, $"tensors of {step}");
        _folder.Finish(new CheckpointManifest
        {
            Step = step, Epoch = 0, Batch = step, Seed = 1, Samples = 100, BatchSize = 10,
            Shards = [CheckpointFolder.Measure(shard)],
        });
        _folder.Trim(step, kept);
    }
}
