namespace Lepton.Storage.Hosting;

/// <summary>A node of a store, as the store and it itself tell.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Zone">Its zone; empty where it has none.</param>
/// <param name="Weight">Its share of the blocks, by the others' weights.</param>
/// <param name="State"><c>live</c>, <c>draining</c> or <c>gone</c>; <c>starting</c> where it lives and has not said yet
/// how it is.</param>
/// <param name="Blocks">How many blocks it has; this and what follows is null where it has said nothing.</param>
/// <param name="BlocksToKeep">How many of them it must keep; null before it has looked, too.</param>
/// <param name="DiskBytes">Bytes of its disk.</param>
/// <param name="DiskBytesFree">Bytes that are free there.</param>
/// <param name="CopiesMissing">Copies that were missing of the blocks for which it is responsible, and are not made
/// yet.</param>
/// <param name="RepairShare">How much of the present pass over these blocks is done, from 0 to 1.</param>
/// <param name="RepairSecondsLeft">How long the rest of it takes.</param>
/// <param name="IsBraked">Whether it moves nothing, as too many nodes vanished at once.</param>
public sealed record StorageNodeStatus(
    string Name, string Zone, double Weight, string State, long? Blocks, long? BlocksToKeep, long? DiskBytes,
    long? DiskBytesFree, long? CopiesMissing, double? RepairShare, double? RepairSecondsLeft, bool? IsBraked);
