namespace Lepton.Core.Balancing;

/// <summary>
/// The order of turns: by id, round and round. It goes by ids and not by a counter, so that turns stay fair when
/// candidates come and go.
/// </summary>
internal static class Rotation
{
    /// <summary>
    /// Whether <paramref name="id"/> has its turn before <paramref name="other"/> when <paramref name="last"/> had
    /// its own last.
    /// </summary>
    public static bool ComesBefore(long id, long other, long last) =>
        (id > last) == (other > last) ? id < other : id > last;
}
