namespace Lepton.Objects.Tests;

public sealed class ObjectUrlTests
{
    [Theory]
    [InlineData("s3://bucket", "bucket", "")]
    [InlineData("s3://bucket/", "bucket", "")]
    [InlineData("S3://bucket/a/b c%20+.csv", "bucket", "a/b c%20+.csv")]
    [InlineData("s3://bucket//a", "bucket", "/a")]
    public void Parse_AnyKey_IsTakenAsItIs(string text, string bucket, string key) =>
        Assert.Equal(new ObjectUrl(bucket, key), ObjectUrl.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("s3://")]
    [InlineData("s3:///key")]
    [InlineData("/tmp/file")]
    [InlineData("http://host/bucket")]
    public void Parse_NoUrl_SaysHowOneIsWritten(string text) => Assert.Contains(
        "Write it like s3://bucket/folder/name.", Assert.Throws<FormatException>(() => ObjectUrl.Parse(text)).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("s3://b", "s3://b/x")]
    [InlineData("s3://b/a", "s3://b/a/x")]
    [InlineData("s3://b/a/", "s3://b/a/x")]
    public void Child_OfAnything_IsJoinedByOneSlash(string parent, string child) =>
        Assert.Equal(child, ObjectUrl.Parse(parent).Child("x").ToString());
}
