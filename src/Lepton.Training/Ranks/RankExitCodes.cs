using Lepton.Torch;
using Lepton.Training.Loop;

namespace Lepton.Training.Ranks;

/// <summary>
/// How a rank ends that failed, and says so in its error file; <c>lepton train</c> ends as the rank that was the root
/// cause. A number alone says nothing: programs return what they like.
/// </summary>
internal static class RankExitCodes
{
    /// <summary>A failure that has no code of its own.</summary>
    public const int Failed = 1;

    /// <summary>There is no device to train on as the flags ask; as for other flags that can't be used.</summary>
    public const int Usage = 2;

    /// <summary>A loss was NaN or infinite; as where <c>lepton run</c> finds such numbers in data.</summary>
    public const int NotFinite = 9;

    /// <summary>There was no room for a tensor.</summary>
    public const int OutOfMemory = 20;

    /// <summary>The code that a rank's error file has; null, or one that is none of these: a failure without.</summary>
    public static int Told(RankError? error) =>
        error?.Message.ExtraInfo?.ExitCode is { } code and (Usage or NotFinite or OutOfMemory) ? code : Failed;

    /// <summary>The code for what a rank failed of.</summary>
    public static int Of(Exception error) => error switch
    {
        RankDeviceException => Usage,
        NotFiniteLossException => NotFinite,
        TrainingMemoryException or TorchMemoryException or OutOfMemoryException => OutOfMemory,
        { InnerException: { } inner } => Of(inner),
        _ => Failed,
    };
}
