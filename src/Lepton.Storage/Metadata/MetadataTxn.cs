using Lepton.Coordination.Client;
using Lepton.Storage.Cluster;

namespace Lepton.Storage.Metadata;

/// <summary>Changes that are made all or none, where all conditions hold.</summary>
internal sealed class MetadataTxn
{
    private readonly List<Condition> _conditions = [];
    private readonly List<Operation> _steps = [];

    /// <summary>A key must be there.</summary>
    public MetadataTxn IfExists(Bytes key) => If(Condition.Exists(key));

    /// <summary>No key of a range may be there.</summary>
    public MetadataTxn IfNone(KeyRange keys) =>
        If(Condition.CreateRevision(keys, Comparison.Equal, Revision.None));

    /// <summary>A key must be as it was read.</summary>
    public MetadataTxn IfUnchanged(MetadataEntry entry) =>
        If(Condition.ModRevision(entry.Key, Comparison.Equal, entry.Revision));

    /// <summary>No key of a range may have been put after a revision.</summary>
    public MetadataTxn IfNotChangedSince(KeyRange keys, Revision revision) =>
        If(Condition.ModRevision(keys, Comparison.Less, revision.Next));

    /// <summary>A session must go on: whoever was taken for dead commits nothing.</summary>
    public MetadataTxn IfHeld(SessionId session) => If(Condition.ModRevision(
        MetadataKeys.LiveNode(session.Node), Comparison.Equal, session.Token));

    /// <summary>Puts a key.</summary>
    public MetadataTxn Put(Bytes key, byte[] value) => Do(Operation.Put(key, value));

    /// <summary>Puts a key that ends with a lease.</summary>
    public MetadataTxn Put(Bytes key, byte[] value, LeaseId lease) =>
        Do(Operation.Put(key, value, new PutOptions { Lease = lease }));

    /// <summary>Deletes keys.</summary>
    public MetadataTxn Delete(KeyRange keys) => Do(Operation.Delete(keys));

    internal Txn ToTxn() => Txn.If([.. _conditions]).Then([.. _steps]);

    private MetadataTxn If(Condition condition)
    {
        _conditions.Add(condition);
        return this;
    }

    private MetadataTxn Do(Operation step)
    {
        _steps.Add(step);
        return this;
    }
}
