namespace Lepton.Torch.Schedules;

/// <summary>
/// What <see cref="ReduceLROnPlateau"/> remembers; with the optimizer's rates it is all that resuming needs.
/// </summary>
/// <param name="Best">The best measure so far; infinite before the first.</param>
/// <param name="StepsWithoutProgress">Steps since then.</param>
/// <param name="CooldownLeft">Steps in which nothing counts as lack of progress.</param>
public sealed record PlateauState(double Best, int StepsWithoutProgress, int CooldownLeft);
