namespace Lepton.Training.Launch;

/// <summary>Why a round was over: the failure that the others followed from.</summary>
/// <param name="Rank">The rank.</param>
/// <param name="Text">Rank, machine, what it was at and what it failed of, in words.</param>
/// <param name="Stack">Its managed stack; null where there is none.</param>
/// <param name="ExitCode">What launchers end with for it.</param>
/// <param name="LostItsPeers">Whether it only followed from another failure.</param>
/// <param name="IsHung">Whether it was ended because others waited for it.</param>
internal sealed record RoundCause(
    int Rank, string Text, string? Stack, int ExitCode, bool LostItsPeers, bool IsHung);
