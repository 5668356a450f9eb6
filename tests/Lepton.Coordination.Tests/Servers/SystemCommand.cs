using System.ComponentModel;
using System.Diagnostics;

namespace Lepton.Coordination.Tests.Servers;

/// <summary>Commands that change the system for a test, and need rights that not every user has.</summary>
internal static class SystemCommand
{
    /// <summary>Runs a command to its end.</summary>
    /// <returns>What went wrong; empty where nothing did.</returns>
    public static string Run(string program, params string[] arguments)
    {
        try
        {
            ProcessStartInfo start = new(program, arguments) { RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            string said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0
                ? ""
                : $"'{program} {string.Join(' ', arguments)}' ended with code {process.ExitCode}: {said.Trim()}";
        }
        catch (Win32Exception e)
        {
            return $"'{program}' is not there: {e.Message}";
        }
    }

    /// <summary>Runs a command without which the test can do nothing: where it fails, the test is skipped.</summary>
    public static void RunOrSkip(string advice, string program, params string[] arguments)
    {
        string fault = Run(program, arguments);
        Assert.SkipWhen(fault.Length > 0, $"{fault}. {advice}");
    }

    /// <summary>Runs a command that has to work where others of its kind did.</summary>
    public static void RunSurely(string program, params string[] arguments) =>
        Assert.Equal("", Run(program, arguments));
}
