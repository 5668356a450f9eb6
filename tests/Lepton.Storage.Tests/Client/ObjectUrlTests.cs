using Lepton.Objects;

namespace Lepton.Storage.Tests.Client;

public sealed class ObjectUrlTests
{
    [Theory]
    [InlineData("s3://data", "data", "")]
    [InlineData("s3://data/", "data", "")]
    [InlineData("S3://data/a", "data", "a")]
    [InlineData("s3://data/a/b c?d#e%20/", "data", "a/b c?d#e%20/")]
    [InlineData("s3://data//a", "data", "/a")]
    public void Parse_Url_TakesBucketAndKeyAsTheyStand(string text, string bucket, string key)
    {
        Assert.Equal(new ObjectUrl(bucket, key), ObjectUrl.Parse(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("data/a")]
    [InlineData("s3:/data/a")]
    [InlineData("s3://")]
    [InlineData("s3:///a")]
    [InlineData("http://data/a")]
    public void Parse_NoUrl_ShowsOne(string text)
    {
        FormatException e = Assert.Throws<FormatException>(() => ObjectUrl.Parse(text));
        Assert.Equal($"'{text}' is no object's URL. Write it like s3://bucket/folder/name.", e.Message);
    }

    [Theory]
    [InlineData("s3://b", "s3://b/n", "")]
    [InlineData("s3://b/f", "s3://b/f/n", "f")]
    [InlineData("s3://b/f/", "s3://b/f/n", "")]
    public void Child_AnyUrl_HasOneSlashBetween(string text, string child, string name)
    {
        ObjectUrl url = ObjectUrl.Parse(text);
        Assert.Equal(child, url.Child("n").ToString());
        Assert.Equal(child, url.AsFolder().Child("n").ToString());
        Assert.Equal(name, url.Name);
    }
}
