using System.Text;
using Lepton.Compute.Events;

namespace Lepton.Compute.Tests.Events;

public sealed class EventLogWriterTests : IDisposable
{
    private readonly TestLog _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Dispose_AfterAppends_LeavesAllLinesInOrder()
    {
        using (var writer = new EventLogWriter(_log.Path))
        {
            for (int i = 0; i < 50_000; i++)
            {
                writer.Append(TestLog.Task(i));
            }
        }

        Assert.Equal(
            Enumerable.Range(0, 50_000),
            EventLogReader.Read(_log.Path).Cast<TaskFinished>().Select(task => task.Partition));
    }

    [Fact]
    public void Append_FromManyThreads_KeepsEachThreadsOrder()
    {
        using (var writer = new EventLogWriter(_log.Path))
        {
            Parallel.For(0, 4, worker =>
            {
                for (int i = 0; i < 5_000; i++)
                {
                    writer.Append(TestLog.Task(i, worker: worker));
                }
            });
        }

        TaskFinished[] tasks = [.. EventLogReader.Read(_log.Path).Cast<TaskFinished>()];
        for (int worker = 0; worker < 4; worker++)
        {
            Assert.Equal(
                Enumerable.Range(0, 5_000), tasks.Where(task => task.Worker == worker).Select(task => task.Partition));
        }
    }

    [Fact]
    public void Constructor_MissingFolder_MakesIt()
    {
        string path = Path.Combine(_log.File("deep"), "er", "log.jsonl");
        new EventLogWriter(path).Dispose();

        Assert.Empty(EventLogReader.Read(path));
    }

    [Fact]
    public void Constructor_ExistingFile_RefusesAndChangesNothing()
    {
        _log.WriteText("precious");

        EventLogException e = Assert.Throws<EventLogException>(() => new EventLogWriter(_log.Path));

        Assert.Contains(_log.Path, e.Message, StringComparison.Ordinal);
        Assert.Contains("never written over", e.Message, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(_log.Path));
    }

    [Fact]
    public void Constructor_FolderThatCannotBe_SaysSo()
    {
        _log.WriteText("a file, not a folder");

        EventLogException e = Assert.Throws<EventLogException>(
            () => new EventLogWriter(Path.Combine(_log.Path, "log.jsonl")));

        Assert.Contains("can't be made", e.Message, StringComparison.Ordinal);
        Assert.Contains("Give a path in a folder", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Append_AfterDispose_DoesNothing()
    {
        var writer = new EventLogWriter(_log.Path);
        writer.Dispose();
        writer.Append(TestLog.Task(1));
        writer.Flush();
        writer.Dispose();

        Assert.Equal(0, new FileInfo(_log.Path).Length);
    }

    [Fact]
    public void Append_FullDisk_CountsTheLossAndSaysItOnce()
    {
        var said = new List<string>();
        using var disk = new FaultyStream { Full = true };
        using (var writer = new EventLogWriter(disk, said.Add, null))
        {
            for (int i = 0; i < 3; i++)
            {
                writer.Append(TestLog.Task(i));
                writer.Flush();
            }

            Assert.Equal(3, writer.LostEvents);
        }

        string sentence = Assert.Single(said);
        Assert.Contains("No space left on device.", sentence, StringComparison.Ordinal);
        Assert.Contains("The job goes on", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Append_DiskFullForAWhile_LogStaysWholeAndNotesTheGap()
    {
        using var disk = new FaultyStream();
        using (var writer = new EventLogWriter(disk, null, null))
        {
            writer.Append(TestLog.Task(0));
            writer.Flush();
            disk.Full = true;
            writer.Append(TestLog.Task(1));
            writer.Flush();
            writer.Append(TestLog.Task(2));
            writer.Flush();
            disk.Full = false;
            writer.Append(TestLog.Task(3));
        }

        File.WriteAllBytes(_log.Path, disk.ToArray());
        JobEvent[] events = [.. EventLogReader.Read(_log.Path)];
        Assert.Equal(3, events.Length);
        Assert.Equal(0, Assert.IsType<TaskFinished>(events[0]).Partition);
        Assert.Equal(2, Assert.IsType<EventsLost>(events[1]).Count);
        Assert.Equal(3, Assert.IsType<TaskFinished>(events[2]).Partition);
    }

    [Fact]
    public void Append_HangingDisk_DropsAndCountsInsteadOfStoppingTheJob()
    {
        const int Many = 100_000;
        using var disk = new FaultyStream();
        disk.Hang();
        using (var writer = new EventLogWriter(disk, null, null, waitForRoomMsMax: 1))
        {
            TaskFinished task = TestLog.Task(1);
            for (int i = 0; i < Many; i++)
            {
                writer.Append(task);
            }

            disk.GoOn();
            writer.Flush();
            Assert.InRange(writer.LostEvents, 1, Many - 1);
        }

        File.WriteAllBytes(_log.Path, disk.ToArray());
        long kept = 0;
        long lost = 0;
        foreach (JobEvent jobEvent in EventLogReader.Read(_log.Path))
        {
            kept += jobEvent is TaskFinished ? 1 : 0;
            lost += jobEvent is EventsLost gap ? gap.Count : 0;
        }

        Assert.Equal(Many, kept + lost);
    }

    [Fact]
    public void Append_TextThatIsNotUnicode_CostsNoOtherEvent()
    {
        using var disk = new FaultyStream();
        using (var writer = new EventLogWriter(disk, null, null))
        {
            writer.Append(new Message(TestLog.Start, "lone \ud800 surrogate"));
            writer.Append(TestLog.Task(1) with { ErrorMessage = "\udc00" });
            writer.Append(TestLog.Task(2));
        }

        File.WriteAllBytes(_log.Path, disk.ToArray());
        Assert.Equal(2, Assert.IsType<TaskFinished>(EventLogReader.Read(_log.Path).Last()).Partition);
    }

    [Fact]
    public void Append_ManyEvents_WritesInBatches()
    {
        using var disk = new FaultyStream();
        disk.Hang();
        using (var writer = new EventLogWriter(disk, null, null))
        {
            for (int i = 0; i < 10_000; i++)
            {
                writer.Append(TestLog.Task(i));
            }

            disk.GoOn();
        }

        Assert.Equal(10_000, Encoding.UTF8.GetString(disk.ToArray()).Count(c => c == '\n'));
        Assert.InRange(disk.Writes, 1, 100);
    }
}
