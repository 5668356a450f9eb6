using System.Globalization;
using Lepton.Training.Ranks;

namespace Lepton.Training.Launch;

/// <summary>The variables that a rank gets: torchrun's, with their meaning. Pure.</summary>
internal static class LaunchEnvironment
{
    public static IReadOnlyDictionary<string, string> Of(
        LaunchOptions options, Round round, int nodeRank, int localRank, LaunchFolder folder, bool hasThreads)
    {
        RoundNode node = round.Nodes[nodeRank];
        int rank = round.FirstRankOf(nodeRank) + localRank;
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["RANK"] = Text(rank),
            ["LOCAL_RANK"] = Text(localRank),
            ["WORLD_SIZE"] = Text(round.WorldSize),
            ["LOCAL_WORLD_SIZE"] = Text(node.Processes),
            ["GROUP_RANK"] = Text(nodeRank),
            ["GROUP_WORLD_SIZE"] = Text(round.Nodes.Count),
            ["ROLE_RANK"] = Text(rank),
            ["ROLE_WORLD_SIZE"] = Text(round.WorldSize),
            ["ROLE_NAME"] = "default",
            ["MASTER_ADDR"] = round.Nodes[0].Address,
            ["MASTER_PORT"] = Text(round.Nodes[0].Port),
            ["TORCHELASTIC_RUN_ID"] = options.Rendezvous?.Id ?? options.RunId,

            // A round that began because another machine came or went counts too: ranks of each meet apart.
            ["TORCHELASTIC_RESTART_COUNT"] = Text(round.Number),
            ["TORCHELASTIC_MAX_RESTARTS"] = Text(options.RestartsMax),
            ["TORCHELASTIC_USE_AGENT_STORE"] = "True",
            ["TORCHELASTIC_ERROR_FILE"] = folder.ErrorFile(round.Number, rank),
            [StatePage.Variable] = folder.StatePage(round.Number, rank),
            [RankEnvironment.HoldFolderVariable] = folder.Held,
            [RankEnvironment.HostAddressVariable] = node.Address,
        };
        if (node.Processes > 1 && !hasThreads)
        {
            // As torchrun: ranks that each use all processors would only be in each other's way.
            variables["OMP_NUM_THREADS"] = "1";
        }

        return variables;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
