using System.Diagnostics;
using System.Runtime.InteropServices;
using Lepton.Compute;

namespace Lepton.Cli.Running;

/// <summary>
/// Runs a user's program in this one's place. On Unix this process becomes the program: same process id, terminal,
/// standard streams and signals, so that whatever ends the one, SIGKILL included, has ended the other.
/// </summary>
internal static class UserProgram
{
    // Drivers are short-lived, and share the cores with the workers: compiling their code again, as the runtime would
    // after a tenth of a second, competes with tasks, and so do threads that spin for work. What the user has set
    // stands.
    private static readonly (string Name, string Value)[] s_runtime =
    [
        ("DOTNET_TC_CallCountingDelayMs", "3e8"),
        ("DOTNET_ThreadPool_UnfairSemaphoreSpinLimit", "0"),
    ];

    /// <summary>Runs an assembly with <c>dotnet exec</c>. Comes back only where this process could not become
    /// it.</summary>
    /// <returns>The program's exit code.</returns>
    public static async Task<int> RunAsync(string assembly, IReadOnlyList<string> arguments)
    {
        string[] command = [Dotnet.Host, "exec", assembly, .. arguments];
        if (!OperatingSystem.IsWindows())
        {
            _ = NativeMethods.SetVariable(ExitCodes.SwitchVariable, "1", 1);
            foreach ((string name, string value) in s_runtime)
            {
                _ = NativeMethods.SetVariable(name, value, 0);
            }

            Become(command);
        }

        return await StartAsync(command).ConfigureAwait(false);
    }

    private static void Become(string[] command)
    {
        // Nothing of this process comes to its end: what it still holds would be lost.
        Console.Out.Flush();
        Console.Error.Flush();
        _ = NativeMethods.Exec(command[0], [.. command, null]);
    }

    private static async Task<int> StartAsync(string[] command)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false },
        };

        process.StartInfo.Environment[ExitCodes.SwitchVariable] = "1";
        foreach ((string name, string value) in s_runtime)
        {
            process.StartInfo.Environment.TryAdd(name, value);
        }

        // The console tells the program too, which decides.
        using PosixSignalRegistration interrupt =
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using PosixSignalRegistration quit =
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, context => context.Cancel = true);
        process.Start();
        await process.WaitForExitAsync().ConfigureAwait(false);
        return process.ExitCode;
    }

    private static class NativeMethods
    {
        // What .NET sets does not reach the variables that execvp passes on.
        [DllImport("libc", EntryPoint = "setenv")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern int SetVariable(
            [MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value,
            int overwrite);

        [DllImport("libc", EntryPoint = "execvp")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern int Exec(
            [MarshalAs(UnmanagedType.LPUTF8Str)] string file,
            [MarshalAs(UnmanagedType.LPArray, ArraySubType = UnmanagedType.LPStr)] string?[] arguments);
    }
}
