using System.ComponentModel;
using System.Diagnostics;

namespace Lepton.Bench.Suites;

/// <summary>Asks programs which they are.</summary>
internal static class ProgramVersion
{
    /// <summary>The first line that a program prints; null where there is no such program, or it fails.</summary>
    public static string? FirstLine(string file, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output.Split('\n')[0].Trim() : null;
        }
        catch (Win32Exception)
        {
            // There is no such program, which is an answer.
            return null;
        }
    }
}
