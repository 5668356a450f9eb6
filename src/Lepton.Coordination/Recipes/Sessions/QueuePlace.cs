using Lepton.Coordination.Client;

namespace Lepton.Coordination.Recipes.Sessions;

/// <summary>A place in a queue.</summary>
/// <param name="Key">The key that is the place.</param>
/// <param name="Revision">When it came to be: the order of the queue, and the fencing token of whose turn it
/// is.</param>
internal readonly record struct QueuePlace(Bytes Key, Revision Revision);
