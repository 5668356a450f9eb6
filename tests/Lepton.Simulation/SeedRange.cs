using System.Globalization;

namespace Lepton.Simulation;

/// <summary>
/// Which seeds a run takes: LEPTON_SIM_SEEDS says how many, LEPTON_SIM_FIRST with which to begin. A fast run takes
/// fewer stores of objects than LEPTON_SIM_SEEDS: LEPTON_SIM_OBJECT_SEEDS.
/// </summary>
internal static class SeedRange
{
    public static (int First, int Count) Read(int countByDefault) =>
        (Setting("LEPTON_SIM_FIRST", 1), Setting("LEPTON_SIM_SEEDS", countByDefault));

    public static (int First, int Count) ReadForObjects(int countByDefault) =>
        (Setting("LEPTON_SIM_FIRST", 1),
            Setting("LEPTON_SIM_OBJECT_SEEDS", Setting("LEPTON_SIM_SEEDS", countByDefault)));

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)
            : otherwise;
}
