using System.Runtime.InteropServices;
using Lepton.Core.Durability;

namespace Lepton.Training.Ranks;

/// <summary>
/// Has an exception that nobody catches reach the launcher, with its stack, as torchrun's <c>@record</c> does.
/// </summary>
internal sealed class ErrorFile
{
    private readonly RankEnvironment _environment;

    private ErrorFile(RankEnvironment environment) => _environment = environment;

    public static void Install(RankEnvironment environment)
    {
        AppDomain.CurrentDomain.UnhandledException += new ErrorFile(environment).OnUnhandled;
    }

    /// <summary>Ends this process, without waiting for its threads.</summary>
    public static void EndNow(int code)
    {
        if (OperatingSystem.IsWindows())
        {
            Environment.Exit(code);
        }

        NativeMethods.Exit(code);
    }

    private void OnUnhandled(object sender, UnhandledExceptionEventArgs args)
    {
        // By itself, a program tells of what it failed as any other does; but a flag's stack says nothing.
        if (args.ExceptionObject is Exception error && (_environment.IsLaunched || error is RankDeviceException))
        {
            End(error);
        }
    }

    private void End(Exception error)
    {
        bool isTold = false;
        if (_environment.ErrorFile is { } path)
        {
            try
            {
                DurableFile.WriteAllBytesAtomic(
                    path, RankError.Encode(error, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));
                isTold = true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"The error file {path} can't be written: {e.Message}");
            }
        }

        // Where the file was written the launcher tells it, with the stack of the rank that failed first.
        if (!isTold)
        {
            Console.Error.WriteLine(error is RankDeviceException ? error.Message : error.ToString());
        }

        Console.Out.Flush();
        Console.Error.Flush();

        // Not through the runtime's own end: native threads that wait for other ranks would hold it up, or crash in it.
        EndNow(RankExitCodes.Of(error));
    }

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "_exit")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern void Exit(int code);
    }
}
