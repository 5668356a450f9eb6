namespace Lepton.Coordination.Tests.Services;

/// <summary>
/// The protocol as it is spoken: each file is played against our server and against a real etcd, and both must say
/// what stands in it. To write a file anew from what etcd says, set LEPTON_WRITE_TRANSCRIPTS to the folder of the
/// files in the source tree and run the second test.
/// </summary>
public sealed class TranscriptTests : ServiceTest
{
    public static TheoryData<string> Names =>
        ["kv.txt", "range.txt", "txn.txt", "lease.txt", "watch.txt", "compaction.txt", "errors.txt", "lock.txt"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Server_Transcript_AnswersAsWritten(string name)
    {
        TestServer server = await ServeAsync();
        string expected = Transcript.Read(name);
        await using Transcript transcript = new(server.Address);
        Assert.Equal(expected, await transcript.PlayAsync(expected), ignoreLineEndingDifferences: true);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Etcd_Transcript_AnswersAsWritten(string name)
    {
        await using Etcd etcd = await Etcd.StartAsync();
        string expected = Transcript.Read(name);
        await using Transcript transcript = new(etcd.Address);
        string actual = await transcript.PlayAsync(expected);
        if (Environment.GetEnvironmentVariable("LEPTON_WRITE_TRANSCRIPTS") is { Length: > 0 } folder)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name), actual);
            return;
        }

        Assert.Equal(expected, actual, ignoreLineEndingDifferences: true);
    }
}
