using System.Security.Cryptography;
using Lepton.Compute;
using Lepton.Compute.Datasets;

/// <summary>
/// Programs that fail and catch nothing, as most do: what they end with is what Lepton makes of it. They write, or
/// would have written, FOLDER/out/lines, unless FAULT_PATH names another place.
/// </summary>
internal static class Uncaught
{
    private const string Padding = "all work and no play makes a record longer than it would have to be";

    /// <summary>Runs the program of a mode. False where it is none of these.</summary>
    public static async Task<bool> RunAsync(string mode, string folder, LeptonSessionOptions options)
    {
        Func<LeptonSession, string, Dataset<string>>? lines = mode switch
        {
            "refuse-record" => RefuseRecord,
            "uncodable" => Uncodable,
            "unsendable" => Unsendable,
            "unreadable" => (session, folder) => session.ReadText(Path.Combine(folder, "notes.txt")),
            "full" => (session, _) => session.Range(0, 200_000, partitions: 4).Select(row => $"{row} {Noise(row)}"),
            "full-shuffle" => (session, _) =>
                session.Range(0, 200_000, partitions: 4).Select(row => $"{row} {Padding}").Repartition(4),
            _ => null,
        };
        if (lines is null)
        {
            return false;
        }

        string log = mode == "refuse-record" ? Path.Combine(folder, "job.jsonl") : "";
        await using LeptonSession session =
            await LeptonSession.LocalAsync(workers: 2, options: options with { EventLogPath = log });
        await lines(session, folder).WriteTextAsync(
            Environment.GetEnvironmentVariable("FAULT_PATH") ?? Path.Combine(folder, "out", "lines"));
        return true;
    }

    // Nothing that a store could compress.
    private static string Noise(long row) => Convert.ToBase64String(SHA512.HashData(BitConverter.GetBytes(row)));

    // The seventh record is bad for as long as FOLDER/bad is there.
    private static Dataset<string> RefuseRecord(LeptonSession session, string folder) =>
        session.Range(0, 16, partitions: 4).Select(row => row == 7 && File.Exists(Path.Combine(folder, "bad"))
            ? throw new InvalidOperationException($"record {row} is bad")
            : $"{row}");

    private static Dataset<string> Uncodable(LeptonSession session, string folder) =>
        session.Range(0, 16, partitions: 4).Select(row => new Lazy<long>(row)).Repartition(2)
            .Select(row => $"{row.Value}");

    private static Dataset<string> Unsendable(LeptonSession session, string folder)
    {
        var stream = new MemoryStream();
#pragma warning disable LPT001 // What is tested.
        return session.Range(0, 16, partitions: 4).Select(row => $"{row + stream.Length}");
#pragma warning restore LPT001
    }
}
