using Lepton.Compute.Events;

namespace Lepton.Compute.Tests.Events;

/// <summary>
/// Logs outlive the version that wrote them: the lines of <c>golden-0.1.0.jsonl</c> must be read, and mean the same,
/// for ever.
/// </summary>
public sealed class GoldenLogTests
{
    [Fact]
    public void Read_LogOfVersionOne_GivesTheSameEvents()
    {
        IEnumerable<JobEvent> read = EventLogReader.Read(GoldenPath());

        Assert.Equal(SampleEvents.OneOfEach.Select(TestLog.Json), read.Select(TestLog.Json));
    }

    // Its lines may hold what nothing writes any more.
    [Fact]
    public void Write_EventsOfVersionOne_GivesTheSameLines() =>
        Assert.Equal(
            File.ReadAllText(GoldenPath()).Replace("\"rowsIn\":10,", "", StringComparison.Ordinal),
            string.Concat(SampleEvents.OneOfEach.Select(TestLog.Json)));

    private static string GoldenPath()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Lepton.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        Assert.NotNull(folder);
        return Path.Combine(folder, "tests", "Lepton.Compute.Tests", "Events", "golden-0.1.0.jsonl");
    }
}
