using System.Runtime.InteropServices;
using Lepton.Core.Durability;

namespace Lepton.Training.Ranks;

/// <summary>Has an exception that nobody catches reach the launcher, with its stack, as torchrun's <c>@record</c> does.</summary>
internal static class ErrorFile
{
    private static int s_installed;

    public static void Install(RankEnvironment environment)
    {
        if (environment is { IsLaunched: true } && Interlocked.Exchange(ref s_installed, 1) == 0)
        {
            AppDomain.CurrentDomain.UnhandledException += (_, args) =>
            {
                if (args.ExceptionObject is Exception error)
                {
                    End(environment, error);
                }
            };
        }
    }

    private static void End(RankEnvironment environment, Exception error)
    {
        if (environment.ErrorFile is { } path)
        {
            try
            {
                DurableFile.WriteAllBytesAtomic(
                    path, RankError.Encode(error, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"The error file {path} can't be written: {e.Message}");
            }
        }

        Console.Error.WriteLine(error);
        Console.Out.Flush();
        Console.Error.Flush();

        // Not through the runtime's own end: native threads that wait for other ranks would hold it up, or crash in it.
        EndNow(1);
    }

    internal static void EndNow(int code)
    {
        if (OperatingSystem.IsWindows())
        {
            Environment.Exit(code);
        }

        NativeMethods.Exit(code);
    }

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "_exit")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern void Exit(int code);
    }
}
