using Lepton.Compute;
using Lepton.Compute.Datasets;
using Lepton.Compute.Events;

namespace Lepton.Learning.Tests.Distributed;

/// <summary>Names that a user gives to steps of a job.</summary>
public sealed class NamedTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Named_StagesAndJob_StandInTheLogByTheirNames()
    {
        string log = _folder.File("job.jsonl");
        await using (LeptonSession session = await LeptonSession.LocalAsync(
            threads: 1, options: new LeptonSessionOptions { EventLogPath = log, Program = "named" }))
        {
            long sum = await session.Range(0, 10)
                .Select(i => i * i).Named("square")
                .Repartition(2)
                .Where(i => i % 2 == 0).Named("even ones")
                .SumAsync(i => i);
            Assert.Equal(120, sum);
            Assert.Equal(4, await session.From([1, 2, 3, 4]).CountAsync());
            await session.RunAsync(new WordTask("a"), ["a"]);
        }

        List<JobEvent> events = [.. EventLogReader.Read(log)];
        Assert.Equal("named", events.OfType<SessionStarted>().Single().Program);
        Assert.Equal(["even ones", "Count", "WordTask"], events.OfType<JobStarted>().Select(job => job.Job));
        Assert.Equal(
            ["square", "even ones", "From", "WordTask.Map", "WordTask.Reduce"],
            events.OfType<StageStarted>().Select(stage => stage.Name).Distinct());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task Named_NoName_IsRefused(string name)
    {
        await using LeptonSession session = await ThreadsFixture.StartAsync(0, 1);
        Assert.Throws<ArgumentException>(() => session.From([1]).Named(name));
    }
}
