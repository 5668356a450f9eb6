namespace Lepton.Compute.Tests;

/// <summary>Who may do what with a file or folder. Skips the test on Windows, which has other rights.</summary>
internal static class Rights
{
    public const UnixFileMode OwnerOnly =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static UnixFileMode Of(string path) => OperatingSystem.IsWindows() ? Skip() : File.GetUnixFileMode(path);

    public static void Set(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Skip();
        }
        else
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private static UnixFileMode Skip()
    {
        Assert.Skip("Windows has other rights than those of owner, group and others.");
        return default;
    }
}
