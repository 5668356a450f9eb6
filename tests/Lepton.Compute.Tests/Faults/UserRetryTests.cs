using Lepton.Compute.Datasets;

namespace Lepton.Compute.Tests.Faults;

public sealed class UserRetryTests
{
    [Fact]
    public async Task UserRetriesMax_Two_TriesThreeTimesThenThrowsAsThrown()
    {
        await using Bench bench = await Bench.StartAsync(
            workers: 1, with: options => options with { UserRetriesMax = 2 });
        string passing = Directory.CreateDirectory(bench.Path("passing")).FullName;
        string failing = Directory.CreateDirectory(bench.Path("failing")).FullName;

        Assert.Equal(4, await Job(bench, passing, failures: 2));
        InvalidOperationException thrown = await Assert.ThrowsAsync<InvalidOperationException>(
            () => Job(bench, failing, failures: 9));

        Assert.Equal("attempt 2", thrown.Message);
        Assert.Equal(2, TaskFailure.Of(thrown)!.Attempt);
        Assert.Equal(3, Directory.GetFiles(passing).Length);
        Assert.Equal(3, Directory.GetFiles(failing).Length);
    }

    private static Task<long> Job(Bench bench, string folder, int failures) =>
        bench.Session.Range(0, 4, partitions: 2)
            .SelectPartition((rows, context) =>
            {
                if (context.Partition == 0)
                {
                    File.WriteAllBytes(Path.Combine(folder, $"{context.Attempt}"), []);
                }

                return context.Partition == 0 && context.Attempt < failures
                    ? throw new InvalidOperationException($"attempt {context.Attempt}")
                    : rows;
            })
            .CountAsync();
}
