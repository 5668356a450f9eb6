namespace Lepton.Raft.Log;

/// <summary>What a reader of the log would know at one moment.</summary>
/// <param name="LastIndex">The last entry.</param>
/// <param name="LastTerm">Its term.</param>
/// <param name="HardState">The hard state.</param>
/// <param name="Damage">What is lost.</param>
internal readonly record struct LogView(LogIndex LastIndex, Term LastTerm, HardState HardState, LogDamage? Damage);
