using Lepton.Coordination.Client;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Snapshots;
using Lepton.Coordination.Tests.Services;
using Lepton.Coordination.Tests.Snapshots;
using Lepton.Raft.Disk;

namespace Lepton.Coordination.Tests.Hosting;

/// <summary>Directories that are not what a member left there.</summary>
public sealed class DataDirectoryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-data-");
    private readonly string _peerUrl = OwnMember.FreeUrl();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Start_LogIsGone_IsRefusedAndNothingIsChanged()
    {
        string directory = await RunOnceAsync("m0");
        DeleteLog(directory);
        string[] before = Content(directory);
        DataDirectoryException e = await Assert.ThrowsAsync<DataDirectoryException>(() => StartAsync(directory));
        Assert.StartsWith(
            $"{directory}/raft holds no log, and this member has had one: it has run before.", e.Message,
            StringComparison.Ordinal);
        Assert.Contains("empty its data directory, and add it anew", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, Content(directory));
    }

    [Fact]
    public async Task Start_SnapshotWithoutLog_IsRefusedUnlessTheLogIsPutBack()
    {
        string backup = Path.Combine(_folder.FullName, "backup.db");
        await using (OwnMember member = await OwnMember.StartAsync(OwnMember.Alone(PathOf("first"), _peerUrl)))
        {
            await member.ServesAsync();
            await member.Channel.UnaryAsync(Methods.Put, new PutRequest { Key = Methods.Bytes("k") });
            await using FileStream file = File.Create(backup);
            using CoordinationClient client = member.Coordinator.NewClient();
            await client.SnapshotAsync(file);
        }

        string restored = PathOf("restored");
        EtcdSnapshotImport.Restore(backup, OwnMember.Alone(restored, _peerUrl));
        string log = Path.Combine(restored, "raft");
        string[] segments = Directory.GetFiles(log, "*.seg");
        string aside = Directory.CreateDirectory(PathOf("aside")).FullName;
        Array.ForEach(segments, path => File.Move(path, Path.Combine(aside, Path.GetFileName(path))));
        DataDirectoryException e = await Assert.ThrowsAsync<DataDirectoryException>(() => StartAsync(restored));
        Assert.Contains("there is a snapshot as of entry 1.", e.Message, StringComparison.Ordinal);

        Array.ForEach(segments, path => File.Move(Path.Combine(aside, Path.GetFileName(path)), path));
        await StartAsync(restored);
    }

    [Fact]
    public async Task Start_LogOfAnotherCluster_IsRefused()
    {
        string ours = await RunOnceAsync("ours");
        string theirs = await RunOnceAsync("theirs", OwnMember.FreeUrl());
        Directory.Delete(Path.Combine(ours, "raft"), recursive: true);
        Directory.Move(Path.Combine(theirs, "raft"), Path.Combine(ours, "raft"));
        DataDirectoryException e = await Assert.ThrowsAsync<DataDirectoryException>(() => StartAsync(ours));
        Assert.Contains("belongs to cluster", e.Message, StringComparison.Ordinal);
        Assert.Contains("give it another data directory; nothing was changed", e.Message, StringComparison.Ordinal);
    }

    private async Task<string> RunOnceAsync(string name, string? peerUrl = null)
    {
        string directory = PathOf(name);
        await using OwnMember member =
            await OwnMember.StartAsync(OwnMember.Alone(directory, peerUrl ?? _peerUrl));
        await member.ServesAsync();
        return directory;
    }

    private async Task StartAsync(string directory)
    {
        await using OwnMember member = await OwnMember.StartAsync(OwnMember.Alone(directory, _peerUrl));
        await member.ServesAsync();
    }

    private static void DeleteLog(string directory) =>
        Array.ForEach(Directory.GetFiles(Path.Combine(directory, "raft"), "*.seg"), File.Delete);

    private static string[] Content(string directory) =>
        [.. Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);
}
