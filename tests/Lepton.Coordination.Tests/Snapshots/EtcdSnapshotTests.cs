using System.Collections.Immutable;
using System.Security.Cryptography;
using Google.Protobuf;
using Lepton.Coordination.Bolt;
using Lepton.Coordination.Hosting;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Services;
using Lepton.Coordination.Snapshots;
using Lepton.Coordination.State;
using Lepton.Coordination.Tests.State;
using Lepton.Raft.Disk;

namespace Lepton.Coordination.Tests.Snapshots;

/// <summary>Snapshots in etcd's format, without etcd.</summary>
public sealed class EtcdSnapshotTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-snapshots-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Read_OfWhatWasWritten_IsTheSameState()
    {
        for (ulong seed = 1; seed <= 150; seed++)
        {
            CoordinationState state = new();
            RandomCommands commands = new(seed);
            for (int i = 0; i < 120; i++)
            {
                state.Do(commands.Next());
                commands.Revision = state.Store.Revision;
                if (i % 7 == 0)
                {
                    state.EndBatch();
                }
            }

            using StateSnapshot captured = Capture(state);
            using MemoryStream file = new();
            EtcdSnapshotWriter.Write(captured, file, CancellationToken.None);
            using StateSnapshot read =
                new EtcdSnapshotReader(new BoltReader(file, "test"), "test").Read(captured.Applied);

            Assert.True(Bytes(captured).AsSpan().SequenceEqual(Bytes(read)), $"Seed {seed} gives another state.");
        }
    }

    [Fact]
    public async Task OpenAsync_WhileCommandsGoOn_HoldsTheCapturedState()
    {
        CoordinationState state = Filled(3000);
        byte[] expected;
        using (StateSnapshot captured = Capture(state))
        {
            expected = Bytes(captured);
        }

        long revision = state.Store.Revision;
        EtcdSnapshotExport export = new(_folder.FullName, () => Task.FromResult(Capture(state)));

        Task<SnapshotExport> opening = export.OpenAsync(CancellationToken.None);
        for (int i = 0; i < 3000; i++)
        {
            state.Do(i % 2 == 0 ? Commands.Delete($"k{i:d4}") : Commands.Put($"k{i:d4}", "later"));
            state.Do(Commands.Compact(state.Store.Revision));
            state.EndBatch();
        }

        await using SnapshotExport snapshot = await opening;
        Assert.Equal(revision, snapshot.Revision);
        Assert.Equal(snapshot.Data.Length, snapshot.Bytes);
        using StateSnapshot read =
            new EtcdSnapshotReader(new BoltReader(snapshot.Data, "test"), "test").Read(new(3000));
        Assert.True(expected.AsSpan().SequenceEqual(Bytes(read)));
        Assert.Empty(_folder.EnumerateFiles());
    }

    [Fact]
    public void EtcdSnapshotExport_FilesLeftByACrash_AreRemoved()
    {
        File.WriteAllText(PathOf("export-7.tmp"), "half");
        File.WriteAllText(PathOf("identity.json"), "{}");

        _ = new EtcdSnapshotExport(_folder.FullName, () => throw new InvalidOperationException());

        Assert.Equal(["identity.json"], _folder.EnumerateFiles().Select(file => file.Name));
    }

    [Fact]
    public void Restore_DamagedAnywhere_SaysSoAndLeavesNothing()
    {
        string file = Save(Filled(500));
        byte[] whole = File.ReadAllBytes(file);
        foreach (int at in (int[])[0, 17, 4100, whole.Length / 2, whole.Length - 33, whole.Length - 1])
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 4;
            File.WriteAllBytes(file, damaged);
            Refuses(file, "is damaged: its checksum is ");
        }
    }

    [Theory]
    [InlineData(1, "it was cut off, or is something else")]
    [InlineData(32, "it was cut off, or is something else")]
    [InlineData(512, "is damaged: its checksum is ")]
    [InlineData(4096, "is damaged: its checksum is ")]
    [InlineData(int.MaxValue, "it was cut off, or is something else")]
    public void Restore_CutOff_SaysSoAndLeavesNothing(int bytes, string message)
    {
        string file = Save(Filled(500));
        byte[] whole = File.ReadAllBytes(file);
        File.WriteAllBytes(file, whole[..Math.Max(0, whole.Length - bytes)]);
        Refuses(file, message);
    }

    [Fact]
    public void Restore_NoSnapshot_SaysSo()
    {
        string file = PathOf("text");
        WriteSigned(file, new byte[8192]);
        Refuses(file, "neither of its two meta pages is whole. Is it a snapshot of etcd's?");

        using MemoryStream other = new();
        new BoltWriter(other).Finish();
        WriteSigned(file, other.ToArray());
        Refuses(file, "it has no bucket 'key'. It is a database, and not one of etcd's.");
        Assert.Throws<FileNotFoundException>(() => EtcdSnapshotImport.Restore(PathOf("nowhere"), Options("d")));
    }

    [Fact]
    public void Restore_WithoutChecksum_IsDoneWhereItIsAskedFor()
    {
        string file = Save(Filled(10));
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^SHA256.HashSizeInBytes]);
        Refuses(file, "read with --skip-hash-check");

        RestoredMember restored = EtcdSnapshotImport.Restore(file, Options("d"), needsChecksum: false);

        Assert.Equal((11, 10), (restored.Revision, restored.Keys));
    }

    [Fact]
    public void Restore_DirectoryInUseOrWrongFlags_IsRefused()
    {
        string file = Save(Filled(10));
        EtcdSnapshotImport.Restore(file, Options("d"));

        DataDirectoryException used = Assert.Throws<DataDirectoryException>(
            () => EtcdSnapshotImport.Restore(file, Options("d")));
        ArgumentException wrong = Assert.Throws<ArgumentException>(() => EtcdSnapshotImport.Restore(
            file, Options("e") with { InitialCluster = "other=http://127.0.0.1:2380" }));

        Assert.Contains("is not empty", used.Message, StringComparison.Ordinal);
        Assert.StartsWith("The member can't be restored. --initial-cluster names other", wrong.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Restore_OfAnotherFile_IsAnotherCluster()
    {
        string file = Save(Filled(10));
        ulong first = EtcdSnapshotImport.Restore(file, Options("a")).ClusterId;
        ulong same = EtcdSnapshotImport.Restore(file, Options("b")).ClusterId;
        ulong other = EtcdSnapshotImport.Restore(Save(Filled(11)), Options("c")).ClusterId;

        Assert.Equal(first, same);
        Assert.NotEqual(first, other);
        Assert.NotEqual(first, CoordinatorSettings.Resolve(Options("d")).NewClusterId);
    }

    [Fact]
    public void Read_KeyOfALostLease_StaysWithoutIt()
    {
        using MemoryStream file = new();
        BoltWriter bolt = new(file);
        bolt.WriteBucket("key"u8, [Version(2, "a", lease: 7), Version(3, "b", lease: 8), Version(4, "c", lease: 0)]);
        bolt.WriteBucket("lease"u8,
            [(EtcdFormat.Number(7), new Lease { ID = 7, TTL = 60 }.ToByteArray())]);
        bolt.WriteBucket("auth"u8, [("authEnabled"u8.ToArray(), new byte[] { 1 })]);
        bolt.Finish();
        EtcdSnapshotReader reader = new(new BoltReader(file, "test"), "test");

        using StateSnapshot read = reader.Read(new(1));

        Assert.Equal((1, 3, true), (reader.LostLeases, reader.LiveKeys, reader.HadUsers));
        Assert.Equal([7, 0, 0], read.HistoryVersions().Select(version => version.Lease));
        CoordinationState state = new();
        state.Restore(new(new(1), new(1), Raft.Membership.ClusterMembership.Empty, 0), new MemoryStream(Bytes(read)));
        Assert.Equal(["a"u8.ToArray()], state.Leases.KeysOf(7)!);
    }

    [Fact]
    public void Read_RevisionsOutOfPlace_SaysWhere()
    {
        using MemoryStream file = new();
        BoltWriter bolt = new(file);
        (_, ReadOnlyMemory<byte> value) = Version(3, "a", lease: 0);
        bolt.WriteBucket("key"u8, [(EtcdFormat.Revision(2), value)]);
        bolt.Finish();

        InvalidDataException e = Assert.Throws<InvalidDataException>(
            () => new EtcdSnapshotReader(new BoltReader(file, "some.db"), "some.db").Read(new(1)));

        Assert.StartsWith(
            "some.db can't be restored: the version of revision 2.0 says that it is of revision 3", e.Message,
            StringComparison.Ordinal);
    }

    private static (ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value) Version(
        long revision, string key, long lease) => (
        EtcdFormat.Revision(revision),
        new KeyValue
        {
            Key = Commands.Bytes(key), CreateRevision = revision, ModRevision = revision, Version = 1, Lease = lease,
        }.ToByteArray());

    private static CoordinationState Filled(int keys)
    {
        CoordinationState state = new();
        for (int i = 0; i < keys; i++)
        {
            state.Do(Commands.Put($"k{i:d4}", $"value {i}"));
        }

        return state;
    }

    /// <summary>Without where clients reach members: those are not the new cluster's.</summary>
    private static StateSnapshot Capture(CoordinationState state) => new(
        state.Applied,
        state.Manifest with { ClientUrls = ImmutableSortedDictionary<ulong, ImmutableArray<string>>.Empty },
        state.Leases.TtlSeconds, state.Store);

    private static byte[] Bytes(StateSnapshot snapshot)
    {
        using MemoryStream data = new();
        snapshot.WriteTo(data, CancellationToken.None);
        return data.ToArray();
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private CoordinatorOptions Options(string directory) => new() { DataDir = PathOf(directory) };

    private string Save(CoordinationState state)
    {
        using StateSnapshot captured = Capture(state);
        using MemoryStream file = new();
        EtcdSnapshotWriter.Write(captured, file, CancellationToken.None);
        WriteSigned(PathOf("saved.db"), file.ToArray());
        return PathOf("saved.db");
    }

    private static void WriteSigned(string path, byte[] database) =>
        File.WriteAllBytes(path, [.. database, .. SHA256.HashData(database)]);

    private void Refuses(string file, string message)
    {
        InvalidDataException e = Assert.Throws<InvalidDataException>(
            () => EtcdSnapshotImport.Restore(file, Options("d")));
        Assert.StartsWith(file, e.Message, StringComparison.Ordinal);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.EnumerateDirectories());
    }
}
