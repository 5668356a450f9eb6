using System.Text.Encodings.Web;
using System.Text.Json;

namespace Lepton.Cli.Quickstart;

/// <summary>Writes a result as one JSON object, for scripts.</summary>
internal static class QuickstartJson
{
    /// <summary>The object, on one line. Its names are an interface: add some, change none.</summary>
    public static string Of(QuickstartResult result)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(
            stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("accuracy", result.Test.Accuracy);
            json.WriteNumber("cvAccuracy", result.CvAccuracy);
            json.WriteNumber("workers", result.Workers);
            json.WriteNumber("workersKilled", result.Killed is null ? 0 : 1);
            json.WriteNumber("tasks", result.Statistics.Tasks);
            json.WriteNumber("retries", result.Statistics.RetryCount);
            json.WriteNumber("seconds", Math.Round(result.Seconds, 3));
            json.WriteNumber("secondsToFirstTask", Math.Round(result.SecondsToFirstTask, 3));
            json.WriteString("modelSha256", result.Model.Sha256);
            json.WriteString("eventLog", result.Files.EventLog);
            json.WriteString("report", result.Files.Report);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
