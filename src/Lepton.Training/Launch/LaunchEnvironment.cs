using System.Globalization;

namespace Lepton.Training.Launch;

/// <summary>The variables that a rank gets: torchrun's, with their meaning. Pure.</summary>
internal static class LaunchEnvironment
{
    public static IReadOnlyDictionary<string, string> Of(
        LaunchOptions options, int localRank, int port, int restarts, string errorFile, bool hasThreads)
    {
        int size = options.ProcessesPerNode;
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["RANK"] = Text(localRank),
            ["LOCAL_RANK"] = Text(localRank),
            ["WORLD_SIZE"] = Text(size),
            ["LOCAL_WORLD_SIZE"] = Text(size),
            ["GROUP_RANK"] = "0",
            ["GROUP_WORLD_SIZE"] = "1",
            ["ROLE_RANK"] = Text(localRank),
            ["ROLE_WORLD_SIZE"] = Text(size),
            ["ROLE_NAME"] = "default",
            ["MASTER_ADDR"] = options.MasterAddress,
            ["MASTER_PORT"] = Text(port),
            ["TORCHELASTIC_RUN_ID"] = options.RunId,
            ["TORCHELASTIC_RESTART_COUNT"] = Text(restarts),
            ["TORCHELASTIC_MAX_RESTARTS"] = Text(options.RestartsMax),
            ["TORCHELASTIC_USE_AGENT_STORE"] = "True",
            ["TORCHELASTIC_ERROR_FILE"] = errorFile,
        };
        if (size > 1 && !hasThreads)
        {
            // As torchrun: ranks that each use all processors would only be in each other's way.
            variables["OMP_NUM_THREADS"] = "1";
        }

        return variables;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
