using System.Globalization;
using System.Text.RegularExpressions;
using Lepton.EndToEnd.Programs;

namespace Lepton.EndToEnd.Samples;

public sealed class LogsTests
{
    private static readonly Regex s_line = new(
        @"^[\d.]+ - - \[\d\d/\w+/\d{4}:(?<hour>\d\d):[^\]]+\] ""GET (?<url>\S+) HTTP/1\.1"" (?<status>\d{3}) \d+$");

    [Theory]
    [MemberData(nameof(HowToRun.All), MemberType = typeof(HowToRun))]
    public async Task Logs_AnyWorkers_AgreesWithLinqOverTheLogThatItWrote(string how, string many)
    {
        using var folder = new TemporaryFolder();
        string log = folder.File("log");

        using ProgramRun run = await ProgramRun.OfAsync(
            "logs", "--lines", "20000", "--seed", "7", "--output", log, how, many);

        Assert.Equal(Expected(ReadAll(log)), run.Answer);
        Assert.Empty(run.LeftBehind);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Logs_Defaults_AgreesWithLinqOverAMillionLines()
    {
        using var folder = new TemporaryFolder();
        string log = folder.File("log");

        using ProgramRun kept = await ProgramRun.OfAsync("logs", "--output", log);
        using ProgramRun run = await ProgramRun.OfAsync("logs");

        Assert.Equal("1,000,000 lines written", run.Answer[0]);
        Assert.Equal(Expected(ReadAll(log)), run.Answer);
        Assert.Equal(kept.Answer, run.Answer);
        Assert.Empty(run.LeftBehind);
    }

    private static string[] ReadAll(string folder) =>
        [.. Directory.GetFiles(folder, "*.txt").Order(StringComparer.Ordinal).SelectMany(File.ReadLines)];

    private static IEnumerable<string> Expected(string[] lines)
    {
        List<Match> read = [.. lines.Select(line => s_line.Match(line)).Where(match => match.Success)];
        List<Row> urls = [.. Rows(read, "url")];
        return
        [
            Text($"{lines.Length:N0} lines written"),
            Text($"{lines.Length - read.Count:N0} malformed lines"),
            "Most wanted:",
            .. urls.OrderByDescending(row => row.Requests).ThenBy(row => row.Key, StringComparer.Ordinal).Take(10)
                .Select(Print),
            "Failing most often, of those with 100 requests:",
            .. urls.Where(row => row.Requests >= 100)
                .OrderByDescending(row => row.Rate).ThenBy(row => row.Key, StringComparer.Ordinal).Take(5)
                .Select(Print),
            "By hour:",
            .. Rows(read, "hour")
                .Select(row => row with { Key = row.Key.TrimStart('0').PadLeft(1, '0') })
                .OrderBy(row => int.Parse(row.Key, CultureInfo.InvariantCulture)).Select(Print),
        ];
    }

    private static IEnumerable<Row> Rows(IEnumerable<Match> lines, string group) =>
        lines.GroupBy(line => line.Groups[group].Value, (key, all) => new Row(
            key, all.Count(), all.Count(line => line.Groups["status"].Value.StartsWith('5'))));

    private static string Print(Row row) =>
        Text($"  {row.Key,-14} {row.Requests,9:N0} requests {row.Errors,6:N0} errors {row.Rate,8:P2}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Row(string Key, int Requests, int Errors)
    {
        public double Rate => (double)Errors / Requests;
    }
}
