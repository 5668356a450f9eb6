using System.Text;
using Lepton.Compute.Tests.Datasets;
using Lepton.Objects;

namespace Lepton.Compute.Tests.Objects;

/// <summary>A test with a folder of its own in the shared store.</summary>
public abstract class ObjectTest(SharedStore store, ThreadsSession threads) : IClassFixture<ThreadsSession>,
    IAsyncLifetime
{
    private protected SharedStore Store { get; } = store;

    private protected LeptonSession Session { get; } = threads.Session;

    private protected ObjectUrl Folder { get; private set; }

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Folder = await Store.NewFolderAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private protected string UrlOf(string name) => Folder.Child(name).ToString();

    private protected Task<string> PutAsync(string name, string text) => PutAsync(name, Encoding.UTF8.GetBytes(text));

    private protected async Task<string> PutAsync(string name, byte[] bytes)
    {
        await Store.Objects.PutAsync(Folder.Child(name), bytes, Cancellation);
        return UrlOf(name);
    }

    /// <summary>What lies below the folder, by names without it.</summary>
    private protected async Task<string[]> NamesAsync()
    {
        List<string> names = [];
        await foreach (ObjectInfo info in Store.Objects.ListAsync(Folder, Cancellation))
        {
            names.Add(info.Url.Key[Folder.Key.Length..]);
        }

        return [.. names];
    }

    /// <summary>How many uploads were begun below the folder, and not ended.</summary>
    private protected async Task<int> UploadsAsync()
    {
        int count = 0;
        await foreach (UnfinishedUpload upload in Store.Objects.Uploads.ListAsync(Folder, Cancellation))
        {
            count += upload.Id.Length > 0 ? 1 : 0;
        }

        return count;
    }

    /// <summary>Whether a request reads or writes below the folder.</summary>
    private protected bool IsHere(string target) => target.Contains(Folder.Key, StringComparison.Ordinal)
        || target.Contains(Uri.EscapeDataString(Folder.Key), StringComparison.Ordinal);
}
