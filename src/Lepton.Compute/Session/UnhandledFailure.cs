namespace Lepton.Compute.Session;

/// <summary>
/// Ends a program that <c>lepton run</c> started, and that catches no exception, with the exit code for the exception.
/// </summary>
internal static class UnhandledFailure
{
    // Once in a process, however many sessions it has.
    private static readonly Lazy<bool> s_isWatching = new(Begin);

    /// <summary>Does so from now on, where it was asked for.</summary>
    public static void Watch() => _ = s_isWatching.Value;

    private static bool Begin()
    {
        if (Environment.GetEnvironmentVariable(ExitCodes.SwitchVariable) != "1")
        {
            return false;
        }

        AppDomain.CurrentDomain.UnhandledException += static (_, thrown) => End(thrown.ExceptionObject);
        return true;
    }

    // What is neither Lepton's nor has a code of its own is the program's, and ends it as .NET does: with its stack.
    private static void End(object thrown)
    {
        if (thrown is Exception e && ExitCodes.Of(e) is var code
            && (code != ExitCodes.Failed || ExitCodes.IsOurs(e)))
        {
            Console.Error.WriteLine(e.Message);
            Environment.Exit(code);
        }
    }
}
