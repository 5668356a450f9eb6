using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Lepton.Cli.Running;

/// <summary>Runs a program in this one's place: same terminal, same signals, same exit code.</summary>
internal static class ChildProgram
{
    private const int SigInt = 2;
    private const int SigTerm = 15;
    private const int SigHup = 1;
    private const int SigQuit = 3;

    /// <summary>Runs an assembly with <c>dotnet exec</c> until it ends.</summary>
    /// <returns>Its exit code; 128 and the signal where one ended it.</returns>
    public static async Task<int> RunAsync(string assembly, IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(Dotnet.Host, ["exec", assembly, .. arguments]) { UseShellExecute = false };
        using var process = new Process { StartInfo = info };
        int child = 0;

        // Registered before the start: a signal in between must not end this process alone.
        using PosixSignalRegistration interrupt =
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Pass(context, SigInt));
        using PosixSignalRegistration terminate =
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Pass(context, SigTerm));
        using PosixSignalRegistration hangUp =
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Pass(context, SigHup));
        using PosixSignalRegistration quit =
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, context => Pass(context, SigQuit));
        process.Start();
        Volatile.Write(ref child, process.Id);
        await process.WaitForExitAsync().ConfigureAwait(false);
        Volatile.Write(ref child, 0);
        return process.ExitCode;

        void Pass(PosixSignalContext context, int signal)
        {
            context.Cancel = true;
            int to = Volatile.Read(ref child);
            if (to != 0 && !OperatingSystem.IsWindows() && !Terminal.HasSignalled(signal))
            {
                _ = NativeMethods.Kill(to, signal);
            }
        }
    }

    private static class Terminal
    {
        /// <summary>
        /// Whether the terminal has sent the signal to all processes in its foreground, the child included.
        /// </summary>
        public static bool HasSignalled(int signal) =>
            signal is SigInt or SigQuit && NativeMethods.ForegroundGroup(0) == NativeMethods.OwnGroup();
    }

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "kill")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern int Kill(int process, int signal);

        [DllImport("libc", EntryPoint = "tcgetpgrp")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern int ForegroundGroup(int descriptor);

        [DllImport("libc", EntryPoint = "getpgrp")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern int OwnGroup();
    }
}
