using System.Globalization;

namespace Lepton.Storage.Tests.Soak;

/// <summary>How long and with which seed; from the environment, as a test takes no arguments.</summary>
internal sealed record SoakSettings(double Minutes, ulong Seed)
{
    private const double MinutesDefault = 0.4;

    /// <summary><c>LEPTON_OBJECT_SOAK_MINUTES</c> and <c>LEPTON_SOAK_SEED</c>; without them a short run.</summary>
    public static SoakSettings OfEnvironment() => new(
        Number("LEPTON_OBJECT_SOAK_MINUTES", MinutesDefault), (ulong)Number("LEPTON_SOAK_SEED", 1));

    private static double Number(string variable, double otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? double.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;
}
