using System.Globalization;
using Lepton.Training.ParameterServer;

namespace Lepton.Training.Ranks;

/// <summary>
/// What a launcher tells a rank, by torchrun's environment variables and with their meaning. Pure: reads from a
/// function.
/// </summary>
internal sealed record RankEnvironment
{
    /// <summary>Lepton's own variables, which torchrun does not know.</summary>
    public const string HoldFolderVariable = "LEPTON_HOLD_FOLDER";

    /// <inheritdoc cref="HoldFolderVariable"/>
    public const string HostAddressVariable = "LEPTON_HOST_ADDRESS";

    /// <summary>The variable that holds what ranks send each other to a rate; the same for all ranks.</summary>
    public const string SendRateVariable = "LEPTON_SEND_BYTES_PER_SECOND_MAX";

    public int Rank { get; private init; }

    public int Size { get; private init; } = 1;

    public int LocalRank { get; private init; }

    public int LocalSize { get; private init; } = 1;

    public int GroupRank { get; private init; }

    public string MasterAddress { get; private init; } = "127.0.0.1";

    public int MasterPort { get; private init; }

    public string RunId { get; private init; } = "none";

    public int RestartCount { get; private init; }

    public int RestartsMax { get; private init; }

    /// <summary>Whether the launcher serves the store; rank 0 does otherwise.</summary>
    public bool HasLauncherStore { get; private init; }

    /// <summary>Where a rank writes what it failed of.</summary>
    public string? ErrorFile { get; private init; }

    /// <summary>Where ranks of this machine keep their last step for those that start behind a failure.</summary>
    public string? HoldFolder { get; private init; }

    /// <summary>This machine's own address, which the other ranks reach; null: whatever its name stands for.</summary>
    public string? HostAddress { get; private init; }

    /// <summary>How many bytes a second this rank may send to others; null: no limit.</summary>
    public long? SendBytesPerSecondMax { get; private init; }

    /// <summary>Whether a launcher started this process.</summary>
    public bool IsLaunched { get; private init; }

    /// <exception cref="ArgumentException">Variables are missing or wrong; the message has all of them.</exception>
    public static RankEnvironment Read(Func<string, string?> variable)
    {
        var faults = new List<string>();
        if (variable("WORLD_SIZE") is null && variable("RANK") is null)
        {
            return new RankEnvironment();
        }

        int size = Number("WORLD_SIZE", 1, 1_000_000, null);
        var environment = new RankEnvironment
        {
            IsLaunched = true,
            Size = size,
            Rank = Number("RANK", 0, size - 1, null),
            LocalRank = Number("LOCAL_RANK", 0, int.MaxValue, 0),
            LocalSize = Number("LOCAL_WORLD_SIZE", 1, int.MaxValue, 1),
            GroupRank = Number("GROUP_RANK", 0, int.MaxValue, 0),
            MasterAddress = variable("MASTER_ADDR") ?? "127.0.0.1",
            MasterPort = Number("MASTER_PORT", 1, ushort.MaxValue, size == 1 ? 1 : null),
            RunId = variable("TORCHELASTIC_RUN_ID") ?? "none",
            RestartCount = Number("TORCHELASTIC_RESTART_COUNT", 0, int.MaxValue, 0),
            RestartsMax = Number("TORCHELASTIC_MAX_RESTARTS", 0, int.MaxValue, 0),
            HasLauncherStore = variable("TORCHELASTIC_USE_AGENT_STORE") == "True",
            SendBytesPerSecondMax = Text(SendRateVariable) is null
                ? null
                : Number(SendRateVariable, 1000, int.MaxValue, null),
            ErrorFile = Text("TORCHELASTIC_ERROR_FILE"),
            HoldFolder = Text(HoldFolderVariable),
            HostAddress = Text(HostAddressVariable),
        };
        if (faults.Count == 0)
        {
            return environment;
        }

        throw new ArgumentException(Text(ParameterClientOptions.ServersVariable) is null
            ? $"The environment of a rank is not as a launcher makes it: {string.Join("; ", faults)}. Start the " +
                "program with lepton train, or unset RANK and WORLD_SIZE."
            : "This is a worker of parameter servers (lepton train --servers), and workers don't meet: it can't join " +
                "as a rank. Take its number from ParameterClient.Worker, and how many there are from " +
                "ParameterClient.Workers; or start the program without --servers.");

        string? Text(string name) => variable(name) is { Length: > 0 } text ? text : null;

        int Number(string name, int min, int max, int? otherwise)
        {
            string? text = variable(name);
            if (text is null && otherwise is { } value)
            {
                return value;
            }

            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                && number >= min && number <= max)
            {
                return number;
            }

            faults.Add(text is null ? $"{name} is missing" : $"{name} is '{text}', not a number from {min} to {max}");
            return Math.Max(min, otherwise ?? 0);
        }
    }
}
