using System.Runtime.InteropServices;

namespace Lepton.Compute.Worker;

/// <summary>
/// Takes the worker out of its driver's process group. Ctrl-C, a shell's <c>kill</c> of a job and the like go to the
/// whole group; a worker must outlive such an end of the driver for as long as it takes to clean up.
/// </summary>
internal static class OwnSession
{
    public static void Begin()
    {
        if (!OperatingSystem.IsWindows())
        {
            // It fails where the worker leads a group already, which is as good.
            _ = NativeMethods.NewSession();
        }
    }

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "setsid")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern int NewSession();
    }
}
