namespace Lepton.Coordination.Client;

/// <summary>How a lease stands.</summary>
/// <param name="Id">Its name.</param>
/// <param name="TimeLeft">What it had left when the server answered, in whole seconds.</param>
/// <param name="GrantedTtl">What it gets whenever it is kept alive.</param>
/// <param name="Keys">The keys that end with it, where they were asked for.</param>
public sealed record LeaseStatus(LeaseId Id, TimeSpan TimeLeft, TimeSpan GrantedTtl, IReadOnlyList<Bytes> Keys);
