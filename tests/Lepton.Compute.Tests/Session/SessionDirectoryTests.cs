using System.Diagnostics;
using Lepton.Compute.Session;

namespace Lepton.Compute.Tests.Session;

/// <summary>The folder of a session: who may enter it, when it goes, and what is swept.</summary>
public sealed class SessionDirectoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lepton-sessions-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Dispose_Folder_IsGoneWithItsOwnersFile()
    {
        using (SessionDirectory directory = SessionDirectory.Create(_root))
        {
            File.WriteAllText(Path.Combine(directory.CreateFor("w1"), "block"), "data");
        }

        Assert.Empty(Directory.GetFileSystemEntries(_root));
    }

    [Fact]
    public void Create_Folder_IsClosedToOthers()
    {
        string root = Path.Combine(_root, "made");
        using SessionDirectory directory = SessionDirectory.Create(root);

        Assert.Equal(Rights.OwnerOnly, Rights.Of(directory.Path));
        Assert.Equal(Rights.OwnerOnly, Rights.Of(root));
    }

    [Fact]
    public void Create_BesideALivingSession_LeavesItAlone()
    {
        using SessionDirectory living = SessionDirectory.Create(_root);
        using SessionDirectory next = SessionDirectory.Create(_root);

        Assert.True(Directory.Exists(living.Path));
        Assert.Equal(4, Directory.GetFileSystemEntries(_root).Length);
    }

    [Theory]
    [InlineData("session-0123456789ab", "session-0123456789ab.owner")]
    [InlineData("session-0123456789ab.gone", "session-0123456789ab.owner")]
    [InlineData("session-0123456789ab", null)]
    [InlineData("session-0123456789ab.gone", null)]
    [InlineData(null, "session-0123456789ab.owner")]
    public void Create_AfterADeadSession_SweepsWhatItLeft(string? folder, string? owner)
    {
        if (folder is not null)
        {
            Directory.CreateDirectory(Path.Combine(_root, folder, "w1"));
            File.WriteAllText(Path.Combine(_root, folder, "w1", "block"), "data");
        }

        if (owner is not null)
        {
            File.WriteAllText(Path.Combine(_root, owner), "1");
        }

        using (SessionDirectory.Create(_root))
        {
            Assert.Equal(2, Directory.GetFileSystemEntries(_root).Length);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_root));
    }

    [Fact]
    public async Task Dispose_FolderThatCannotBeRemoved_IsSweptWhenItCan()
    {
        string stuck;
        using (SessionDirectory directory = SessionDirectory.Create(_root))
        {
            stuck = directory.CreateFor("w1");
            await PinAsync(stuck);
        }

        string gone = Path.GetDirectoryName(stuck) + ".gone";
        Assert.Equal([gone, Path.GetDirectoryName(stuck) + ".owner"], Entries());
        await RunAsync("umount", Path.Combine(gone, "w1"));
        using (SessionDirectory.Create(_root))
        {
            Assert.Equal(2, Directory.GetFileSystemEntries(_root).Length);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_root));
    }

    [Fact]
    public async Task Create_BesideAnotherUsersSession_LeavesItAlone()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_root, "session-0123456789ab")).FullName;
        File.WriteAllText(folder + ".owner", "1");
        await GiveAwayAsync(folder);
        await GiveAwayAsync(folder + ".owner");

        using (SessionDirectory.Create(_root))
        {
        }

        Assert.Equal([folder, folder + ".owner"], Entries());
    }

    [Fact]
    public void Create_RootIsAFile_NamesTheOption()
    {
        string file = Path.Combine(_root, "file");
        File.WriteAllText(file, "x");

        IOException refused = Assert.Throws<IOException>(() => SessionDirectory.Create(file));

        Assert.StartsWith(
            $"WorkDirectory is '{file}', which can't be used: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(
            "Set LeptonSessionOptions.WorkDirectory to a folder that this user can write to", refused.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Create_RootBelowAFile_NamesTheOption()
    {
        string below = Path.Combine(_root, "file", "work");
        File.WriteAllText(Path.Combine(_root, "file"), "x");

        IOException refused = Assert.Throws<IOException>(() => SessionDirectory.Create(below));

        Assert.StartsWith($"WorkDirectory is '{below}', which", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_RootThatIsReadOnly_NamesTheOption()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self"), "A folder that nobody can write to is needed: /proc.");

        IOException refused = Assert.Throws<IOException>(() => SessionDirectory.Create("/proc/self"));

        Assert.StartsWith("WorkDirectory is '/proc/self', which", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CreateOwn_FolderThatOthersMayRead_IsClosed()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_root, "own")).FullName;
        Rights.Set(folder, Rights.OwnerOnly | UnixFileMode.OtherRead | UnixFileMode.GroupRead);

        PrivateFolder.CreateOwn(folder);

        Assert.Equal(Rights.OwnerOnly, Rights.Of(folder));
    }

    [Fact]
    public void CreateOwn_FolderThatOthersMayWrite_IsRefused()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_root, "own")).FullName;
        Rights.Set(folder, Rights.OwnerOnly | UnixFileMode.OtherWrite);

        IOException refused = Assert.Throws<IOException>(() => PrivateFolder.CreateOwn(folder));

        Assert.StartsWith(
            $"other users of this machine may write to the folder '{folder}'", refused.Message,
            StringComparison.Ordinal);
        Assert.EndsWith($"'chmod go-w {folder}'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateOwn_FolderOfAnotherUser_IsRefused()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_root, "own")).FullName;
        await GiveAwayAsync(folder);

        IOException refused = Assert.Throws<IOException>(() => PrivateFolder.CreateOwn(folder));

        Assert.StartsWith(
            $"the folder '{folder}' belongs to another user", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateOwn_LinkOfAnotherUserToAnOwnFolder_IsRefused()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_root, "own")).FullName;
        string link = Directory.CreateSymbolicLink(Path.Combine(_root, "link"), folder).FullName;
        await GiveAwayAsync(link);

        Assert.Throws<IOException>(() => PrivateFolder.CreateOwn(link));
    }

    private string[] Entries() => [.. Directory.GetFileSystemEntries(_root).Order(StringComparer.Ordinal)];

    private static async Task GiveAwayAsync(string path)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Whose a folder is can only be told on Linux.");
        Assert.SkipWhen(await RunAsync("chown", "-h", "12345", path) != 0, "Only root can give a folder away.");
    }

    // Nobody can remove a folder on which something is mounted.
    private static async Task PinAsync(string path) =>
        Assert.SkipWhen(
            await RunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path) != 0, "Only root can mount.");

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }
}
