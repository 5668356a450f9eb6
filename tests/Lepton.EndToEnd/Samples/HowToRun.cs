namespace Lepton.EndToEnd.Samples;

/// <summary>The ways to run a sample; the answer is the same for all.</summary>
internal static class HowToRun
{
    public static TheoryData<string, string> All =>
        new() { { "--threads", "2" }, { "--workers", "1" }, { "--workers", "3" } };
}
