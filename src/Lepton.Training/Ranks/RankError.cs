using System.Text.Json;
using System.Text.Json.Serialization;
using Lepton.Torch;
using Lepton.Torch.Distributed;

namespace Lepton.Training.Ranks;

/// <summary>What a rank failed of, in the form of torchrun's error files, so that its tools can read them.</summary>
internal sealed record RankError
{
    [JsonPropertyName("message")]
    public required RankErrorMessage Message { get; init; }

    public static byte[] Encode(Exception error, long unixSeconds) => JsonSerializer.SerializeToUtf8Bytes(
        new RankError
        {
            Message = new RankErrorMessage
            {
                Message = $"{error.GetType().Name}: {error.Message}",
                ExtraInfo = new RankErrorDetail
                {
                    CallStack = error is RankDeviceException ? "" : error.ToString(),
                    Timestamp = unixSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    LostItsPeers = Has(error, CollectiveFault.Disconnected) || Has(error, CollectiveFault.Timeout),
                    GaveUpWaiting = Has(error, CollectiveFault.Timeout),
                    ExitCode = RankExitCodes.Of(error),
                },
            },
        },
        RankErrorJson.Default.RankError);

    private static bool Has(Exception? error, CollectiveFault fault) =>
        error is not null && ((error as CollectiveException)?.Fault == fault || Has(error.InnerException, fault));

    /// <summary>Reads one; null where it is cut off or of another form.</summary>
    public static RankError? Decode(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, RankErrorJson.Default.RankError);
        }
        catch (JsonException)
        {
            // The rank was killed while it wrote, or is a program that writes errors of another form.
            return null;
        }
    }
}

/// <summary>The error itself.</summary>
internal sealed record RankErrorMessage
{
    [JsonPropertyName("message")]
    public required string Message { get; init; }

    [JsonPropertyName("extraInfo")]
    public RankErrorDetail? ExtraInfo { get; init; }
}

/// <summary>Where and when. The call stack's name is torchrun's; here it is a managed one.</summary>
internal sealed record RankErrorDetail
{
    [JsonPropertyName("py_callstack")]
    public string CallStack { get; init; } = "";

    [JsonPropertyName("timestamp")]
    public string Timestamp { get; init; } = "";

    /// <summary>Whether it follows from another rank's failure: a peer did not come to a collective, or went away in
    /// one; Lepton's own.</summary>
    [JsonPropertyName("lost_its_peers")]
    public bool LostItsPeers { get; init; }

    /// <summary>Whether what it lost them by is that it waited for too long; Lepton's own.</summary>
    [JsonPropertyName("gave_up_waiting")]
    public bool GaveUpWaiting { get; init; }

    /// <summary>
    /// One of <see cref="RankExitCodes"/>, by which the launcher tells it from what a program of any kind returns;
    /// Lepton's own.
    /// </summary>
    [JsonPropertyName("exit_code")]
    public int ExitCode { get; init; }
}

/// <summary>Source-generated.</summary>
[JsonSerializable(typeof(RankError))]
internal sealed partial class RankErrorJson : JsonSerializerContext;
