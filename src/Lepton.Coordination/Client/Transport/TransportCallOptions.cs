namespace Lepton.Coordination.Client.Transport;

/// <summary>What a call asks of the way to the server, and of the server beside the request.</summary>
/// <param name="Timeout">How long it may take; null for as long as it likes.</param>
/// <param name="NeedsLeader">
/// Whether a server that knows no leader shall say so at once (<c>Unavailable</c>) instead of making the call wait, and
/// shall end a stream when it loses its leader. Such a refusal is certain: nothing was proposed.
/// </param>
internal readonly record struct TransportCallOptions(TimeSpan? Timeout, bool NeedsLeader);
