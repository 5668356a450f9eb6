namespace Lepton.Torch.Distributed;

/// <summary>How far a rank has come in a group.</summary>
/// <param name="Begun">
/// Counts up with each collective that it begins, those of a reducer within backward among them, but no sends and
/// receives: where all is well, ranks of a group differ in it for a moment only.
/// </param>
/// <param name="Waits">Counts up with each wait that it begins.</param>
/// <param name="Awaited">
/// The rank that it waits for, to receive from it or to send to it; else <see cref="Everybody"/>,
/// <see cref="Anybody"/> or <see cref="Nobody"/>. What a reducer waits for within backward is not seen.
/// </param>
public readonly record struct GroupProgress(long Begun, long Waits, int Awaited)
{
    /// <summary>It waits within a collective, for all ranks that have begun fewer.</summary>
    public const int Everybody = -1;

    /// <summary>It does not wait.</summary>
    public const int Nobody = -2;

    /// <summary>It waits to receive from any rank.</summary>
    public const int Anybody = -3;
}
