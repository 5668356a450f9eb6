using System.Globalization;
using System.Text;
using Lepton.Compute.Events;

namespace Lepton.Compute.Tests.Events;

public sealed class EventLogReaderTests : IDisposable
{
    private readonly TestLog _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Read_LogOfAllKinds_GivesThemInOrder()
    {
        string text = string.Concat(SampleEvents.OneOfEach.Select(TestLog.Json));

        IEnumerable<JobEvent> read = EventLogReader.Read(_log.WriteText(text));

        Assert.Equal(text, string.Concat(read.Select(TestLog.Json)));
    }

    [Fact]
    public void Read_LinesLongerThanTheBuffer_AreWhole()
    {
        string[] texts = [.. Enumerable.Range(0, 40).Select(i => new string((char)('a' + (i % 26)), i * 9_973))];
        _log.WriteText(string.Concat(texts.Select(text => TestLog.Json(new Message(TestLog.Start, text)))));

        Assert.Equal(texts, EventLogReader.Read(_log.Path).Cast<Message>().Select(message => message.Text));
    }

    [Fact]
    public void Read_EveryCutOfALog_GivesTheWholeLinesAndSaysTorn()
    {
        string one = TestLog.Json(new Message(TestLog.Start, "one"));
        string two = TestLog.Json(new Message(TestLog.Start, "two ✓"));
        byte[] all = Encoding.UTF8.GetBytes(one + two);
        for (int cut = one.Length; cut <= all.Length; cut++)
        {
            File.WriteAllBytes(_log.Path, all[..cut]);
            var reader = new EventLogReader(_log.Path);

            int expected = cut >= all.Length - 1 ? 2 : 1;
            Assert.Equal(expected, reader.Count());
            Assert.Equal(cut > one.Length && cut < all.Length - 1, reader.IsTorn);
        }
    }

    [Fact]
    public void Read_TailOfZeros_IsTorn()
    {
        _log.WriteText(TestLog.Json(new Message(TestLog.Start, "one")) + "\0\0\0");
        var reader = new EventLogReader(_log.Path);

        Assert.Single(reader);
        Assert.True(reader.IsTorn);
    }

    [Fact]
    public void Read_DamagedLineInTheMiddle_NamesFileAndLine()
    {
        DamageSecondLine();

        EventLogException e = Assert.Throws<EventLogException>(() => EventLogReader.Read(_log.Path).Count());

        Assert.Contains($"Line 2 of '{_log.Path}' is damaged", e.Message, StringComparison.Ordinal);
        Assert.Contains("Read it leniently", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DamagedLineLeniently_IsCounted()
    {
        DamageSecondLine();
        var reader = new EventLogReader(_log.Path, lenient: true);

        Assert.Equal(["one", "three"], reader.Cast<Message>().Select(message => message.Text));
        Assert.Equal((1, false), (reader.DamagedLines, reader.IsTorn));
    }

    [Fact]
    public void Read_FileThatIsNoLog_AsksWhetherItIsOne()
    {
        _log.WriteText("sepal,petal\n1,2\n");

        EventLogException e = Assert.Throws<EventLogException>(() => EventLogReader.Read(_log.Path).Count());

        Assert.Contains("Line 1", e.Message, StringComparison.Ordinal);
        Assert.Contains("Is this an event log?", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MissingFile_NamesIt()
    {
        EventLogException e = Assert.Throws<EventLogException>(
            () => EventLogReader.Read(_log.File("none.jsonl")).Count());

        Assert.Contains("There is no event log at", e.Message, StringComparison.Ordinal);
        Assert.Contains("none.jsonl", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Folder_SaysThatItMustBeAFile()
    {
        EventLogException e = Assert.Throws<EventLogException>(
            () => EventLogReader.Read(Path.GetDirectoryName(_log.Path)!).Count());

        Assert.Contains("must be a file", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_BlankLinesAndCarriageReturns_ArePassedOver()
    {
        string line = TestLog.Json(new Message(TestLog.Start, "one")).TrimEnd('\n');

        Assert.Equal(2, EventLogReader.Read(_log.WriteText($"\n{line}\r\n  \n{line}")).Count());
    }

    [Fact]
    public void Read_LogStillOpenForWriting_GivesWhatWasFlushed()
    {
        using var writer = new EventLogWriter(_log.Path);
        writer.Append(new Message(TestLog.Start, "early"));
        writer.Flush();

        Assert.Single(EventLogReader.Read(_log.Path));
    }

    [Fact]
    public void Read_Twice_CountsAnew()
    {
        DamageSecondLine();
        var reader = new EventLogReader(_log.Path, lenient: true);

        Assert.Equal(reader.Count().ToString(CultureInfo.InvariantCulture), $"{reader.Count()}");
        Assert.Equal(1, reader.DamagedLines);
    }

    private void DamageSecondLine() => _log.WriteText(
        TestLog.Json(new Message(TestLog.Start, "one"))
        + "{\"event\":\"Message\",\"ti\n"
        + TestLog.Json(new Message(TestLog.Start, "three")));
}
