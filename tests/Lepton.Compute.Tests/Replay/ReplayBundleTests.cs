using System.Buffers.Binary;
using System.Reflection;
using Lepton.Compute.Datasets;
using Lepton.Compute.Events;
using Lepton.Compute.Replay;

namespace Lepton.Compute.Tests.Replay;

public sealed class ReplayBundleTests
{
    [Fact]
    public void Open_EveryByteChanged_IsRefused()
    {
        using var job = new FailedJob();
        string path = WriteSample(job.PathOf("0-0.bundle"));
        byte[] whole = File.ReadAllBytes(path);
        ReadAll(path);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= 0x10;
            File.WriteAllBytes(path, damaged);
            ReplayException refused = Assert.Throws<ReplayException>(() => ReadAll(path));
            Assert.Contains(path, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Open_CutOffAnywhere_IsRefused()
    {
        using var job = new FailedJob();
        string path = WriteSample(job.PathOf("0-0.bundle"));
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Throws<ReplayException>(() => ReadAll(path));
        }
    }

    [Fact]
    public void Open_Damage_SaysWhereAndWhatToDo()
    {
        using var job = new FailedJob();
        string path = WriteSample(job.PathOf("0-0.bundle"));
        byte[] whole = File.ReadAllBytes(path);
        whole[ReplayFormat.HeaderBytes + ReplayFormat.BlockHeaderBytes] ^= 1;
        File.WriteAllBytes(path, whole);
        ReplayException refused = Assert.Throws<ReplayException>(() => ReadAll(path));
        Assert.Equal(
            $"The replay bundle '{path}' is damaged: the checksum of the block at byte 12 does not match. Run the " +
            "job again to get " +
            "a new one.",
            refused.Message);
    }

    [Fact]
    public void Open_OtherFile_SaysWhatReplayTakes()
    {
        using var job = new FailedJob();
        string path = job.PathOf("notes.txt");
        File.WriteAllText(path, "This is a text that is long enough to be a bundle.");
        ReplayException refused = Assert.Throws<ReplayException>(() => ReplayBundle.Open(path));
        Assert.StartsWith($"'{path}' is not a replay bundle: it does not start with " +
            "LPREPLAY.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NewerFormat_SaysWhichVersion()
    {
        using var job = new FailedJob();
        string path = WriteSample(job.PathOf("0-0.bundle"));
        byte[] whole = File.ReadAllBytes(path);
        BinaryPrimitives.WriteUInt32LittleEndian(whole.AsSpan(8), 7);
        File.WriteAllBytes(path, whole);
        ReplayException refused = Assert.Throws<ReplayException>(() => ReplayBundle.Open(path));
        Assert.Equal(
            $"'{path}' is a replay bundle of format 7, and this Lepton reads format 1. Replay it with the version of " +
            "Lepton that ran " +
            "the job.",
            refused.Message);
    }

    [Fact]
    public void Open_Missing_SaysWhere()
    {
        using var job = new FailedJob();
        ReplayException refused = Assert.Throws<ReplayException>(() => ReplayBundle.Open(job.PathOf("no.bundle")));
        Assert.StartsWith($"The replay bundle '{job.PathOf("no.bundle")}' can't be read: " +
            "", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dispose_NotCompleted_LeavesNothing()
    {
        using var job = new FailedJob();
        using (var writer = new ReplayBundleWriter(job.PathOf("0-0.bundle"), 100))
        {
            Assert.True(writer.TryWrite(new byte[60]));
            Assert.False(writer.TryWrite(new byte[41]));
            Assert.True(writer.TryWrite(new byte[40]));
            Assert.Equal(0, writer.BytesLeft);
        }

        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(job.LogPath)!));
    }

    [Fact]
    public async Task Run_OtherBuild_NamesBothVersions()
    {
        using var job = new FailedJob();
        await job.FailAsync(session => session.From([7]).Select(UserCode.RefuseSeven).ToListAsync());
        FailedTask kept = job.Kept();
        var other = new Guid("01234567-0123-0123-0123-0123456789ab");
        Rewrite(kept.Bundle!, manifest => manifest with
        {
            Modules = [.. manifest.Modules.Select(
                module => module.Name == "Lepton.Compute.Tests" ? module with { Version = other } : module)],
        });
        ReplayException refused = Assert.Throws<ReplayException>(() => ReplayRunner.Run(kept));
        Guid own = typeof(UserCode).Assembly.ManifestModule.ModuleVersionId;
        Assert.StartsWith(
            $"Task 0/0 was run by another build: the job ran Lepton.Compute.Tests.dll with module version {other}, " +
            "and " +
            $"'{typeof(UserCode).Assembly.Location}' is {own}. A function is found by its place",
            refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_LeptonThatIsNoMore_NamesBothVersions()
    {
        using var job = new FailedJob();
        await job.FailAsync(session => session.From([7]).Select(UserCode.RefuseSeven).ToListAsync());
        FailedTask kept = job.Kept();
        var other = new Guid("01234567-0123-0123-0123-0123456789ab");
        Rewrite(kept.Bundle!, manifest => manifest with
        {
            Modules = [.. manifest.Modules.Select(
                module => module.Name == OtherLepton.LeptonName ? module with { Version = other } : module)],
        });
        ReplayException refused = Assert.Throws<ReplayException>(() => ReplayRunner.Run(kept));
        Assembly own = typeof(ReplayRunner).Assembly;
        Assert.StartsWith(
            $"Task 0/0 was run by another build: the job ran Lepton.Compute.dll with module version {other}, and " +
            $"'{own.Location}' is {own.ManifestModule.ModuleVersionId}. A function is found by its place",
            refused.Message, StringComparison.Ordinal);
        string empty = Directory.CreateDirectory(job.PathOf("empty")).FullName;
        refused = Assert.Throws<ReplayException>(
            () => ReplayRunner.Run(kept, new ReplayOptions { BuildDirectory = empty }));
        Assert.Contains("Task 0/0 was run by another build: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_BuildThatIsGone_SaysWhatIsMissing()
    {
        using var job = new FailedJob();
        await job.FailAsync(session => session.From([7]).Select(UserCode.RefuseSeven).ToListAsync());
        string gone = job.PathOf("gone");
        ReplayException refused = Assert.Throws<ReplayException>(
            () => ReplayRunner.Run(job.Kept(), new ReplayOptions { BuildDirectory = gone }));
        Assert.Equal(
            $"The build output '{gone}' that ran task 0/0 is gone. Build the same sources again, or say where they " +
            "are built: " +
            "--build DIR.",
            refused.Message);
        var lost = new ReplayModule("No.Such.Library", Guid.Empty, "lost.dll");
        Rewrite(job.Kept().Bundle!, manifest => manifest with { Modules = [.. manifest.Modules, lost] });
        refused = Assert.Throws<ReplayException>(job.Replay);
        Assert.StartsWith(
            $"Task 0/0 was run by another build: No.Such.Library.dll with module version {Guid.Empty} can't be " +
            "loaded (",
            refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_OtherTasks_SaysWhatThereIs()
    {
        using var job = new FailedJob();
        await job.FailAsync(
            session => session.From(Enumerable.Range(0, 16), partitions: 4).Select(UserCode.RefuseSeven).ToListAsync());
        ReplayLog log = ReplayLog.Open(job.LogPath);
        const string Choices = "Tasks that can be replayed: 0/1.";
        Assert.Equal(
            $"'{job.LogPath}' has no stage 3; its stages are 0 to 0. {Choices}", Refuse(log, "3/0"));
        Assert.Equal(
            $"Stage 0 (From → Select) has the partitions 0 to 3, not 4. {Choices}", Refuse(log, "0/4"));
        Assert.StartsWith("Task 0/0 (From → Select) did not fail: ", Refuse(log, "0/0"), StringComparison.Ordinal);
        foreach (string wrong in (string[])["", "0", "0/", "0/1/2", "-1/0", "a/b", "0/ 1"])
        {
            Assert.StartsWith($"'{wrong}' is not a task: expected " +
                "STAGE/PARTITION", Refuse(log, wrong), StringComparison.Ordinal);
        }

        Rewrite(
            job.Bundle("0-1"),
            manifest => manifest with { Setting = manifest.Setting with { Session = "other" } });
        string foreign = Refuse(ReplayLog.Open(job.LogPath), "0/1");
        Assert.Contains("is of another session (other) than the log", foreign, StringComparison.Ordinal);
        File.WriteAllText(job.Bundle("0-1"), "x");
        Assert.Contains("is not a replay bundle", Refuse(ReplayLog.Open(job.LogPath), "0/1"), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoEventLog_SaysSo()
    {
        using var job = new FailedJob();
        File.WriteAllText(job.LogPath, "{}");
        EventLogException refused = Assert.Throws<EventLogException>(() => ReplayLog.Open(job.LogPath));
        Assert.Equal(
            $"'{job.LogPath}' is not an event log of Lepton: no line of it starts a session. Give the file that " +
            "LeptonSession.EventLogPath names.",
            refused.Message);
    }

    private static string Refuse(ReplayLog log, string task) =>
        Assert.Throws<ReplayException>(() => log.Find(task)).Message;

    private static string WriteSample(string path)
    {
        using var writer = new ReplayBundleWriter(path, 1000);
        long first = writer.Position;
        writer.TryWrite("the program"u8);
        long second = writer.Position;
        writer.TryWrite("the payload"u8);
        writer.Complete(new ReplayManifest
        {
            Setting = new ReplaySetting
            {
                Session = "s", Seed = 1, LeptonVersion = "0.1.0", ProgramDirectory = "p", EntryAssembly = null,
                CurrentDirectory = "c", Slots = 1, MemoryBudgetBytes = 1, TaskDeadlineMs = null,
            },
            Job = "Count", Stage = 0, StageLabel = "From", Partition = 0, Attempt = 0, Copy = 1, Worker = "w1",
            Kind = "User", Error = "E: m", Thrown = [], Modules = [], Inputs = [], Notes = [],
            Program = new ReplayPart(first, 1, 11),
            Payload = new ReplayPart(second, 1, 11),
        });
        return path;
    }

    private static void ReadAll(string path)
    {
        using ReplayBundle bundle = ReplayBundle.Open(path);
        Assert.Equal("the program"u8.ToArray(), bundle.ReadWhole(bundle.Manifest.Program));
        Assert.Equal("the payload"u8.ToArray(), bundle.ReadWhole(bundle.Manifest.Payload));
    }

    private static void Rewrite(string path, Func<ReplayManifest, ReplayManifest> change)
    {
        ReplayManifest manifest;
        byte[] program;
        byte[] payload;
        using (ReplayBundle bundle = ReplayBundle.Open(path))
        {
            manifest = bundle.Manifest;
            program = bundle.ReadWhole(manifest.Program);
            payload = bundle.ReadWhole(manifest.Payload);
        }

        using var writer = new ReplayBundleWriter(path, long.MaxValue);
        writer.TryWrite(program);
        writer.TryWrite(payload);
        writer.Complete(change(manifest));
    }
}
