namespace Lepton.Training.Launch;

/// <summary>A launcher that takes part in a round, with the ranks of its machine.</summary>
/// <param name="Id">Its name, which no other launcher has.</param>
/// <param name="Host">The machine's name.</param>
/// <param name="Address">Where its store can be reached.</param>
/// <param name="Port">The store's port.</param>
/// <param name="Processes">Its ranks.</param>
internal sealed record RoundNode(string Id, string Host, string Address, int Port, int Processes);
