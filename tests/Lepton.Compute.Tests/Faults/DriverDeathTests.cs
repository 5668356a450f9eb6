using Lepton.Compute.Datasets;

namespace Lepton.Compute.Tests.Faults;

/// <summary>The driver is killed: its workers end and take along what they and it had made.</summary>
public sealed class DriverDeathTests
{
    [Theory]
    [InlineData("hold")]
    [InlineData("loop")]
    public async Task KillDriver_WhileTasksRun_WorkersAndFilesAreGone(string mode)
    {
        await using Driver driver = Driver.Start(mode);
        await driver.TasksRunAsync();

        driver.Kill();
        await driver.GoneAsync();

        Assert.Empty(driver.Left());
    }

    [Fact]
    public async Task KillDriver_WhileItWritesOutputs_NothingHalfWrittenStays()
    {
        await using Driver driver = Driver.Start("write");
        string old = Directory.CreateDirectory(Path.Combine(driver.Folder, "out", "lines")).FullName;
        await File.WriteAllTextAsync(Path.Combine(old, "part-00000.txt"), "what stood there before");
        await File.WriteAllTextAsync(Path.Combine(old, "_SUCCESS"), "");
        await driver.TasksRunAsync();
        string half = Assert.Single(Directory.GetDirectories(Path.GetDirectoryName(old)!, ".lines.lepton-*"));
        Assert.NotEmpty(Directory.GetFiles(half));

        driver.Kill();
        await driver.GoneAsync();

        Assert.Equal([old], driver.Left());
        Assert.Equal("what stood there before", await File.ReadAllTextAsync(Path.Combine(old, "part-00000.txt")));
    }

    [Theory]
    [InlineData(Signals.Interrupt)]
    [InlineData(Signals.Terminate)]
    [InlineData(Signals.Kill)]
    public async Task SignalToTheProcessGroup_WhileItWritesOutputs_NothingStays(int signal)
    {
        await using Driver driver = Driver.StartGroup("write");
        await driver.TasksRunAsync();
        Assert.Single(Directory.GetDirectories(Path.Combine(driver.Folder, "out"), ".lines.lepton-*"));

        driver.SignalGroup(signal);
        await driver.GoneAsync();

        Assert.Empty(driver.Left());
    }

    [Theory]
    [InlineData("write-threads")]
    [InlineData("write")]
    public async Task KillDriver_WithWhoeverCouldCleanUp_TheNextSessionSweepsItsOutputsToo(string mode)
    {
        await using Driver driver = Driver.Start(mode);
        await driver.TasksRunAsync();
        driver.KillAll();
        await driver.GoneAsync();
        Assert.Single(Directory.GetDirectories(Path.Combine(driver.Folder, "out"), ".lines.lepton-*"));

        var options = new LeptonSessionOptions
        {
            WorkDirectory = Path.Combine(driver.Folder, "work"),
            EventLogPath = "",
        };
        await using (await LeptonSession.LocalAsync(threads: 1, options: options))
        {
        }

        Assert.Empty(driver.Left());
    }

    [Fact]
    public async Task KillDriver_WithOneOfTwoWorkers_TheOtherOneCleansUpForBoth()
    {
        await using Driver driver = Driver.Start("write");
        await driver.TasksRunAsync();

        driver.KillWithAWorker();
        await driver.GoneAsync();

        Assert.Empty(driver.Left());
    }

    [Fact]
    public async Task DriverEnds_WithoutDisposingItsSession_NothingIsLeft()
    {
        await using Driver driver = Driver.Start("forget");
        await driver.TasksRunAsync();

        await driver.GoneAsync();

        Assert.Empty(driver.Left());
    }

    [Fact]
    public async Task KillDriverAndWorkers_AtOnce_TheNextSessionSweeps()
    {
        await using Driver driver = Driver.Start("hold");
        await driver.TasksRunAsync();
        driver.KillAll();
        await driver.GoneAsync();
        string[] left = driver.Left();
        string work = Path.Combine(driver.Folder, "work");
        Assert.NotEmpty(Directory.GetDirectories(work));

        var options = new LeptonSessionOptions { WorkDirectory = work, EventLogPath = "" };
        await using (LeptonSession next = await LeptonSession.LocalAsync(threads: 1, options: options))
        {
            Assert.Equal(10, await next.Range(0, 10).CountAsync());
            Assert.Empty(driver.Left().Intersect(left));
        }

        Assert.Empty(driver.Left());
    }
}
