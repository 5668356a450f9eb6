namespace Lepton.Coordination.Client.Transport;

/// <summary>An answer, and the server that gave it.</summary>
internal readonly record struct CallAnswer<TResponse>(TResponse Response, string Endpoint);
