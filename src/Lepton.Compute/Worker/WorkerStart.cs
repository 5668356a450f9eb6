using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lepton.Compute.Worker;

/// <summary>
/// What a worker is told at its start: one line of JSON on its standard input, where other users of the machine can't
/// read the token, as they could an argument or the environment. The input then stays open: its end means that the
/// driver is gone.
/// </summary>
internal sealed record WorkerStart(
    string Name,
    string Driver,
    string Token,
    string Directory,
    string ProgramDirectory,
    string? EntryAssembly,
    int Slots,
    long MemoryBudgetBytes,
    int BeatMs,
    string Culture,
    string UICulture,
    bool ShuffleOverHttp)
{
    public string ToLine() => JsonSerializer.Serialize(this, WorkerStartJson.Default.WorkerStart);

    public static WorkerStart Parse(string line) =>
        JsonSerializer.Deserialize(line, WorkerStartJson.Default.WorkerStart)
        ?? throw new JsonException("The start line is null.");
}

/// <summary>Source-generated, since a worker's start-up time counts.</summary>
[JsonSerializable(typeof(WorkerStart))]
internal sealed partial class WorkerStartJson : JsonSerializerContext;
