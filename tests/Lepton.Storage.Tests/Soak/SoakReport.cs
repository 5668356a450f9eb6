using System.Globalization;
using System.Text;

namespace Lepton.Storage.Tests.Soak;

/// <summary>Writes what a soak did and found as a page.</summary>
internal static class SoakReport
{
    private static readonly string s_path = Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "soak", "objects.md"));

    public static void Write(SoakSettings settings, SoakTally tally)
    {
        StringBuilder page = new();
        CultureInfo invariant = CultureInfo.InvariantCulture;
        page.AppendLine("# A soak of the object store").AppendLine();
        string today = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", invariant);
        page.Append(invariant, $"{today}, `LEPTON_SOAK_SEED={settings.Seed} ./test.sh --soak-objects ");
        page.Append(invariant, $"{settings.Minutes}`: {ObjectSoak.Nodes.Length} processes of `lepton storage`, ");
        page.Append(invariant, $"three copies, {ObjectSoak.ClientCount} clients, scrub within ");
        page.AppendLine(invariant, $"{ObjectSoak.ScrubWithin}, {Environment.ProcessorCount} cores.");
        page.AppendLine().AppendLine("| what | count |").AppendLine("|---|---|");
        foreach ((string kind, long count) in tally.All())
        {
            page.AppendLine(invariant, $"| {kind} | {count:N0} |");
        }

        page.AppendLine().AppendLine(tally.Wrong.Count == 0
            ? "Nothing acknowledged was lost, every history was linearizable, and after each round every node had " +
                "good copies of all blocks again."
            : "What was wrong:");
        page.AppendLine();
        foreach (string line in tally.Wrong)
        {
            page.AppendLine(invariant, $"- {line}");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(s_path)!);
        File.WriteAllText(s_path, page.ToString());
    }
}
