using System.Globalization;

namespace Lepton.Torch.Native;

/// <summary>Which versions of libtorch the shim's source fits.</summary>
internal static class TorchVersions
{
    /// <summary>In words.</summary>
    public const string Range = "1.13 and 2.x";

    /// <summary>Whether a version, such as <c>2.4.1+cu121</c>, is one of them.</summary>
    public static bool IsKnown(string version)
    {
        string[] parts = version.Split('.');
        return parts.Length >= 2 &&
            int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major) &&
            int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int minor) &&
            (major == 2 || (major == 1 && minor >= 13));
    }
}
