namespace Lepton.Raft.Tests.Transcripts;

public sealed class TranscriptTests
{
    /// <summary>
    /// Names a folder into which to write what happens, instead of comparing it; then read the difference.
    /// </summary>
    private const string WriteTo = "LEPTON_WRITE_TRANSCRIPTS";

    public static TheoryData<string> Names =>
        ["elections", "replication", "back-tracking", "reads", "membership", "transfer", "snapshots", "repair"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Replay_Transcript_HappensAsWritten(string name)
    {
        string file = $"{name}.txt";
        string expected = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Transcripts", file));
        string actual = ClusterTranscript.Replay(expected);
        if (Environment.GetEnvironmentVariable(WriteTo) is { Length: > 0 } folder)
        {
            File.WriteAllText(Path.Combine(folder, file), actual);
            return;
        }

        Assert.Equal(expected, actual);
    }
}
