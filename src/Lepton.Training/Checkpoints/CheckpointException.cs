using System.Text.Json;
using Lepton.Objects;

namespace Lepton.Training.Checkpoints;

/// <summary>A checkpoint that is damaged, can't be read or written, or is of another model or run.</summary>
public sealed class CheckpointException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>
    /// Whether its own bytes show that it is of no use, so that the one before is the best there is. What only can't be
    /// read now, or by this version, may be whole.
    /// </summary>
    internal bool IsDamage { get; init; }

    /// <summary>Of a checkpoint that was not opened.</summary>
    /// <param name="name">The checkpoint.</param>
    /// <param name="file">What of it.</param>
    /// <param name="e">What was found.</param>
    internal static CheckpointException Unusable(string name, string file, Exception e)
    {
        bool isDamage = e is JsonException or InvalidDataException or FileNotFoundException
            or DirectoryNotFoundException or ObjectException { IsNotFound: true };
        return new CheckpointException(
            $"The checkpoint {name} can't be used: {file}: {e.Message}" + (isDamage
                ? ""
                : " It may be whole, so nothing older is taken in its place: mend what keeps it from being read, or " +
                    "move it away to go on from the one before."),
            e)
        {
            IsDamage = isDamage,
        };
    }
}
