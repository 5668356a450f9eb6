using System.Globalization;
using System.Text.RegularExpressions;
using Lepton.Bench.Running;

namespace Lepton.Bench.Coordination;

/// <summary>
/// nghttp2's <c>h2load</c>: it posts one prepared frame again and again, and takes little of the cores that it shares
/// with the servers. It does not look at gRPC's status, so its users check what was done.
/// </summary>
internal sealed partial class LoadGenerator(string workDirectory, Uri server, string path, byte[] frame)
{
    private const double MicrosecondsPerMillisecond = 1000;
    private static readonly TimeSpan s_timeMax = TimeSpan.FromMinutes(5);

    /// <summary>Loads for some seconds: connections, with so many requests in flight on each.</summary>
    /// <exception cref="FailedRunException">Requests failed.</exception>
    public async Task<LoadResult> RunAsync(int connections, int inFlightEach, long seconds)
    {
        string body = Path.Combine(workDirectory, "frame.bin");
        string log = Path.Combine(workDirectory, "load.log");
        await File.WriteAllBytesAsync(body, frame);
        File.Delete(log);
        var command = new Command(
            "h2load",
            [
                "-c", Text(connections), "-m", Text(inFlightEach), "-D", Text(seconds), "-d", body,
                "-H", "content-type: application/grpc", "-H", "te: trailers", "--log-file=" + log,
                new Uri(server, path).AbsoluteUri,
            ]);
        string output = (await MeasuredProcess.RunAsync(command, s_timeMax, CancellationToken.None)).Output;
        Match requests = RequestsLine().Match(output);
        Match finished = FinishedLine().Match(output);
        Match data = DataLine().Match(output);
        if (!requests.Success || !finished.Success || !data.Success)
        {
            throw new FailedRunException($"h2load's output is not understood: {output}");
        }

        if (Number(requests, "failed") + Number(requests, "errored") + Number(requests, "timeout") > 0)
        {
            throw new FailedRunException($"requests failed: {requests.Value}");
        }

        return new LoadResult(
            Number(requests, "done"), double.Parse(finished.Groups["rate"].Value, CultureInfo.InvariantCulture),
            P99Milliseconds(log), Number(data, "data"));
    }

    // A line a request: when it began, its status, and its microseconds.
    private static double P99Milliseconds(string log)
    {
        List<double> times =
        [
            .. File.ReadLines(log).Select(line => double.Parse(line.Split('\t')[2], CultureInfo.InvariantCulture)),
        ];
        return times.Count > 0 ? Percentile.Of(times, 99) / MicrosecondsPerMillisecond
            : throw new FailedRunException("no request was answered");
    }

    private static long Number(Match match, string group) =>
        long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex("finished in [^,]+, (?<rate>[0-9.]+) req/s")]
    private static partial Regex FinishedLine();

    [GeneratedRegex(
        "requests: .* (?<done>[0-9]+) done, .* (?<failed>[0-9]+) failed, (?<errored>[0-9]+) errored, " +
        "(?<timeout>[0-9]+) timeout")]
    private static partial Regex RequestsLine();

    [GeneratedRegex("traffic: .* \\((?<data>[0-9]+)\\) data")]
    private static partial Regex DataLine();
}
