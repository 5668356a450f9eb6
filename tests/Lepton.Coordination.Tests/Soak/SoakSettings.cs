using System.Globalization;

namespace Lepton.Coordination.Tests.Soak;

/// <summary>
/// How long, on how many members and with which seed; from the environment, as a test takes no arguments.
/// </summary>
internal sealed record SoakSettings(double Minutes, int Members, ulong Seed)
{
    private const double MinutesDefault = 0.4;
    private const int MembersDefault = 3;

    /// <summary>
    /// <c>LEPTON_SOAK_MINUTES</c>, <c>LEPTON_SOAK_MEMBERS</c> and <c>LEPTON_SOAK_SEED</c>; without them a short run of
    /// three members.
    /// </summary>
    public static SoakSettings OfEnvironment() => new(
        Number("LEPTON_SOAK_MINUTES", MinutesDefault),
        (int)Number("LEPTON_SOAK_MEMBERS", MembersDefault),
        (ulong)Number("LEPTON_SOAK_SEED", 1));

    private static double Number(string variable, double otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? double.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;
}
