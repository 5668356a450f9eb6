using Lepton.Storage.Blocks;

namespace Lepton.Storage.Tests.Processes;

/// <summary>A node that comes back with a data directory as it was before later writes and deletions.</summary>
public sealed class OldDirectoryTests : IAsyncDisposable
{
    private readonly ProcessGroup _group = new();
    private readonly TestFolder _folder = new();

    private string Copy => _folder.Child("copy");

    public async ValueTask DisposeAsync()
    {
        await _group.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Start_CopyOfTheRunningNodesDirectory_BringsNothingOldBack()
    {
        await _group.StartAsync("s1", "s2", "s3");
        for (int i = 0; i < 9; i++)
        {
            await _group.PutAsync("s1", $"k{i}", ContentOf(i));
        }

        CopyDirectory(_group.DirectoryOf("s2"), Copy);
        for (int i = 0; i < 3; i++)
        {
            await _group.PutAsync("s2", $"k{i}", ContentOf(100 + i));
            await _group.DeleteAsync("s1", $"k{3 + i}");
        }

        await _group.PutAsync("s3", "new", ContentOf(200));
        await _group.KillAsync("s2");
        Directory.Delete(_group.DirectoryOf("s2"), recursive: true);
        Directory.Move(Copy, _group.DirectoryOf("s2"));
        await _group.StartAsync("s2", directory: null);
        foreach (string name in _group.Names)
        {
            Assert.Equal(["k0", "k1", "k2", "k6", "k7", "k8", "new"], await _group.ListAsync(name));
            for (int i = 0; i < 9; i++)
            {
                byte[]? expected = i switch { < 3 => ContentOf(100 + i), < 6 => null, _ => ContentOf(i) };
                Assert.Equal(expected, await _group.GetAsync(name, $"k{i}"));
            }

            Assert.Equal(ContentOf(200), await _group.GetAsync(name, "new"));
        }

        HashSet<BlockId> later = [.. new[] { 100, 101, 102, 200 }.Select(i => BlockId.Of(ContentOf(i)))];
        await _group.HealedAsync("s2", later, "what the old copy lacks comes to it");
    }

    [Fact]
    public async Task Start_CopyFromBeforeAnotherStart_IsRefusedAndTheOthersServe()
    {
        await _group.StartAsync("s1", "s2", "s3");
        await _group.PutAsync("s1", "a", ContentOf(1));
        await _group.KillAsync("s2");
        CopyDirectory(_group.DirectoryOf("s2"), Copy);
        await _group.StartAsync("s2", directory: null);
        await _group.PutAsync("s2", "a", ContentOf(2));
        await _group.KillAsync("s2");
        Directory.Delete(_group.DirectoryOf("s2"), recursive: true);
        Directory.Move(Copy, _group.DirectoryOf("s2"));
        (int code, _, string error) = await _group.TryStartAsync("s2");
        Assert.Equal(17, code);
        Assert.Contains("old copy of itself", error, StringComparison.Ordinal);
        Assert.Contains("lepton storage remove s2", error, StringComparison.Ordinal);
        Assert.Equal(ContentOf(2), await _group.GetAsync("s1", "a"));
        Assert.Equal(ContentOf(2), await _group.GetAsync("s3", "a"));
    }

    private static byte[] ContentOf(int i) => Pattern.Of(50_000, (ulong)i);

    private static void CopyDirectory(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories)
            .Where(static file => Path.GetFileName(file) != "lock"))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
