using System.Text;
using Lepton.Compute.Events;

namespace Lepton.Compute.Tests.Events;

/// <summary>A fresh folder for a log, deleted with everything in it; and events to fill it with.</summary>
internal sealed class TestLog : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-events-");

    public static DateTimeOffset Start { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public string Path => File("events.jsonl");

    public string File(string name) => System.IO.Path.Combine(_folder.FullName, name);

    public static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    public static TaskFinished Task(int partition, double startSeconds = 0, double durationMs = 10, int worker = 0) =>
        new(
            At(startSeconds + (durationMs / 1000)),
            Stage: 1,
            partition,
            Attempt: 1,
            worker,
            At(startSeconds),
            durationMs,
            TaskOutcome.Succeeded);

    public static string Json(JobEvent jobEvent)
    {
        using var stream = new MemoryStream();
        using (var writer = new EventLogWriter(stream, null, null))
        {
            writer.Append(jobEvent);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public string WriteText(string text)
    {
        System.IO.File.WriteAllText(Path, text);
        return Path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
