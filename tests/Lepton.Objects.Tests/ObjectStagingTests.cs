namespace Lepton.Objects.Tests;

/// <summary>What readers and writers of data sets do: versions in ranges, objects that others finish.</summary>
public sealed class ObjectStagingTests(StoreFixture store) : ClientTest(store)
{
    [Theory]
    [InlineData(0, long.MaxValue)]
    [InlineData(0, 1)]
    [InlineData(1_200_000, 1_300_000)]
    [InlineData(2_999_999, 3_000_000)]
    public async Task OpenVersion_FromAnyByte_GivesAllBytesToTheEnd(long offset, long endHint)
    {
        byte[] content = Content(3_000_000);
        await PutAsync("a", content);
        ObjectInfo info = await Objects.GetInfoAsync(Bucket with { Key = "a" }, Cancellation);
        using var read = new MemoryStream();
        await using (ObjectStream stream = Objects.OpenVersion(info, offset, endHint, Cancellation))
        {
            stream.CopyTo(read, 100_003);
            Assert.Equal(0, stream.Read(new byte[1]));
        }

        Assert.Equal(content[(int)offset..], read.ToArray());
    }

    [Fact]
    public async Task OpenVersion_ObjectReplaced_Fails()
    {
        await PutAsync("a", Content(100));
        ObjectInfo info = await Objects.GetInfoAsync(Bucket with { Key = "a" }, Cancellation);
        await PutAsync("a", Content(101));
        await using ObjectStream stream = Objects.OpenVersion(info, cancellationToken: Cancellation);
        ObjectException error = Assert.Throws<ObjectException>(() => stream.Read(new byte[10]));
        Assert.Equal(ObjectFailure.Changed, error.Failure);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8 << 20)]
    [InlineData((8 << 20) + 1)]
    [InlineData(20_000_000)]
    public async Task Uploads_Staged_AppearWhenTheyAreFinished(int bytes)
    {
        ObjectUrl url = Bucket with { Key = "a" };
        byte[] content = Content(bytes);
        StagedObject staged;
        await using (UploadStream upload = Objects.Uploads.Open(url, Cancellation))
        {
            upload.Write(content);
            staged = upload.Stage();
        }

        Assert.Null(await Objects.FindAsync(url, Cancellation));
        await Objects.Uploads.FinishAsync(staged, Cancellation);
        Assert.Equal(content, await Objects.ReadAsync(url, Cancellation));
        Assert.Equal(0, await UploadsAsync());
    }

    [Fact]
    public async Task Uploads_DisposedBeforeTheyAreStaged_AreForgotten()
    {
        await using (UploadStream upload = Objects.Uploads.Open(Bucket with { Key = "a" }, Cancellation))
        {
            upload.Write(Content(9 << 20));
            Assert.Equal(1, await UploadsAsync());
        }

        Assert.Equal(0, await UploadsAsync());
    }

    [Fact]
    public async Task Uploads_Aborted_CannotBeFinished()
    {
        ObjectUrl url = Bucket with { Key = "a" };
        StagedObject staged;
        await using (UploadStream upload = Objects.Uploads.Open(url, Cancellation))
        {
            upload.Write(Content(10));
            staged = upload.Stage();
        }

        UnfinishedUpload? listed = null;
        await foreach (UnfinishedUpload upload in Objects.Uploads.ListAsync(Bucket, Cancellation))
        {
            listed = upload;
        }

        Assert.Equal((url, staged.UploadId), (listed!.Url, listed.Id));
        await Objects.Uploads.AbortAsync(url, listed.Id, Cancellation);
        await Objects.Uploads.AbortAsync(url, listed.Id, Cancellation);
        ObjectException error = await Assert.ThrowsAsync<ObjectException>(
            () => Objects.Uploads.FinishAsync(staged, Cancellation));
        Assert.Equal(ObjectFailure.NotFound, error.Failure);
        Assert.Contains("has the upload no more", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TryPut_OnlyOnWhatWasThere_Writes()
    {
        ObjectUrl url = Bucket with { Key = "a" };
        Assert.True(await Objects.TryPutAsync(url, Content(1), null, Cancellation));
        Assert.False(await Objects.TryPutAsync(url, Content(2), null, Cancellation));
        string first = (await Objects.GetInfoAsync(url, Cancellation)).ETag;
        Assert.True(await Objects.TryPutAsync(url, Content(3), first, Cancellation));
        Assert.False(await Objects.TryPutAsync(url, Content(4), first, Cancellation));
        Assert.Equal(Content(3), await Objects.ReadAsync(url, Cancellation));
        await Objects.DeleteAsync([url], Cancellation);
        Assert.False(await Objects.TryPutAsync(url, Content(4), first, Cancellation));
    }

    private static byte[] Content(int bytes)
    {
        byte[] content = new byte[bytes];
        for (int i = 0; i < bytes; i++)
        {
            content[i] = (byte)((i * 31) ^ (i >> 8));
        }

        return content;
    }
}
