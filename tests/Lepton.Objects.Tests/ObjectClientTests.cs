using System.Security.Cryptography;

namespace Lepton.Objects.Tests;

/// <summary>The client against a real store.</summary>
public sealed class ObjectClientTests(StoreFixture store) : IClassFixture<StoreFixture>, IDisposable
{
    private const int PartBytes = 16 << 20;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-objects-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(PartBytes)]
    [InlineData((2 * PartBytes) + 4321)]
    public async Task Upload_AndDownload_AnyLength_IsTheSameFile(int bytes)
    {
        (ObjectClient objects, ObjectUrl place) = await NewAsync();
        using ObjectClient disposal = objects;
        string from = Path.Combine(_folder.FullName, "from");
        string to = Path.Combine(_folder.FullName, "to");
        byte[] content = RandomNumberGenerator.GetBytes(bytes);
        await File.WriteAllBytesAsync(from, content, Cancellation);
        var sent = new Count();
        var came = new Count();

        await objects.UploadAsync(from, place.Child("file"), sent, Cancellation);
        await objects.DownloadAsync(place.Child("file"), to, came, Cancellation);

        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await File.ReadAllBytesAsync(to, Cancellation)));
        Assert.Equal((bytes, bytes), (sent.Bytes, came.Bytes));
        Assert.Equal(bytes, (await objects.FindAsync(place.Child("file"), Cancellation))!.Bytes);
        Assert.Equal(["from", "to"], _folder.EnumerateFiles().Select(static file => file.Name).Order());
    }

    [Fact]
    public async Task List_MoreThanAPage_HasEachOnce_AndDeleteTakesAll()
    {
        const int Count = 1001;
        (ObjectClient objects, ObjectUrl place) = await NewAsync();
        using ObjectClient disposal = objects;
        await Parallel.ForAsync(0, Count, Cancellation, async (i, cancellation) =>
            await objects.PutAsync(place.Child($"{i:D4}"), new byte[1], cancellation));

        List<ObjectInfo> all = await objects.ListAsync(place.AsFolder(), Cancellation).ToListAsync(Cancellation);
        Assert.Equal(
            Enumerable.Range(0, Count).Select(static i => $"{i:D4}"), all.Select(static info => info.Url.Name));

        await objects.DeleteAsync([.. all.Select(static info => info.Url)], Cancellation);
        Assert.Empty(await objects.ListAsync(place.AsFolder(), Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task ListLevel_FoldersAndObjects_AreApart()
    {
        (ObjectClient objects, ObjectUrl place) = await NewAsync();
        using ObjectClient disposal = objects;
        await objects.PutAsync(place.Child("a/1"), new byte[1], Cancellation);
        await objects.PutAsync(place.Child("a/2"), new byte[1], Cancellation);
        await objects.PutAsync(place.Child("b"), new byte[1], Cancellation);

        (IReadOnlyList<ObjectUrl> folders, IReadOnlyList<ObjectInfo> found) =
            await objects.ListLevelAsync(place.AsFolder(), Cancellation);

        Assert.Equal([place.Child("a/")], folders);
        Assert.Equal([place.Child("b")], found.Select(static info => info.Url));
    }

    [Fact]
    public async Task Open_ARange_IsReadAlone()
    {
        (ObjectClient objects, ObjectUrl place) = await NewAsync();
        using ObjectClient disposal = objects;
        await objects.PutAsync(place.Child("digits"), "0123456789"u8.ToArray(), Cancellation);

        using StreamReader middle = new(
            await objects.OpenAsync(place.Child("digits"), 3, 4, cancellationToken: Cancellation));
        using StreamReader end = new(
            await objects.OpenAsync(place.Child("digits"), 8, cancellationToken: Cancellation));

        Assert.Equal("3456", await middle.ReadToEndAsync(Cancellation));
        Assert.Equal("89", await end.ReadToEndAsync(Cancellation));
    }

    [Fact]
    public async Task Open_TheObjectWasReplaced_IsRefused()
    {
        (ObjectClient objects, ObjectUrl place) = await NewAsync();
        using ObjectClient disposal = objects;
        await objects.PutAsync(place, new byte[1], Cancellation);
        string tag = (await objects.FindAsync(place, Cancellation))!.ETag;
        await objects.PutAsync(place, new byte[2], Cancellation);

        ObjectException e = await Assert.ThrowsAsync<ObjectException>(
            () => objects.OpenAsync(place, ifETag: tag, cancellationToken: Cancellation));

        Assert.Contains("PreconditionFailed", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copy_AndFind_SayWhatThereIs()
    {
        (ObjectClient objects, ObjectUrl place) = await NewAsync();
        using ObjectClient disposal = objects;
        await objects.PutAsync(place.Child("a"), new byte[7], Cancellation);

        await objects.CopyAsync(place.Child("a"), place.Child("b"), cancellationToken: Cancellation);

        Assert.Equal(7, (await objects.FindAsync(place.Child("b"), Cancellation))!.Bytes);
        Assert.Null(await objects.FindAsync(place.Child("c"), Cancellation));
    }

    [Fact]
    public async Task Presign_AUrl_IsReadWithoutAKey()
    {
        (ObjectClient objects, ObjectUrl place) = await NewAsync();
        using ObjectClient disposal = objects;
        await objects.PutAsync(place, "secret"u8.ToArray(), Cancellation);
        using HttpClient http = new();

        Uri url = await objects.PresignAsync(place, TimeSpan.FromMinutes(5));

        Assert.Equal("secret", await http.GetStringAsync(url, Cancellation));
    }

    [Fact]
    public async Task Download_NoSuchObject_LeavesNoFile()
    {
        (ObjectClient objects, ObjectUrl place) = await NewAsync();
        using ObjectClient disposal = objects;

        ObjectException e = await Assert.ThrowsAsync<ObjectException>(() => objects.DownloadAsync(
            place.Child("none"), Path.Combine(_folder.FullName, "to"), cancellationToken: Cancellation));

        Assert.True(e.IsNotFound);
        Assert.Contains($"{place}/none: there is no such object", e.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.EnumerateFiles());
    }

    [Fact]
    public async Task Put_NoSuchBucket_SaysHowToMakeIt()
    {
        using ObjectClient objects = new(store.Address);

        ObjectException e = await Assert.ThrowsAsync<ObjectException>(
            () => objects.PutAsync(new ObjectUrl("nowhere", "a"), new byte[1], Cancellation));

        Assert.Contains("has no bucket 'nowhere'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_WrongSecret_NamesTheVariables()
    {
        using ObjectClient objects = new(new StoreAddress
        {
            Endpoint = store.Address.Endpoint, KeyId = store.Address.KeyId, Secret = "another",
        });

        ObjectException e = await Assert.ThrowsAsync<ObjectException>(
            () => objects.PutAsync(new ObjectUrl("tests", "a"), new byte[1], Cancellation));

        Assert.Contains("AWS_SECRET_ACCESS_KEY", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("another.", e.Message, StringComparison.Ordinal);
    }

    private async Task<(ObjectClient Objects, ObjectUrl Place)> NewAsync() =>
        (new ObjectClient(store.Address), await store.NewPlaceAsync());

    private sealed class Count : IProgress<long>
    {
        private long _bytes;

        public long Bytes => _bytes;

        public void Report(long value) => Interlocked.Add(ref _bytes, value);
    }
}
