using Pb = Lepton.Coordination.Protocol;

namespace Lepton.Coordination.Client;

/// <summary>One step of a <see cref="Txn"/>. Timeouts of its options are not looked at: the transaction has its
/// own.</summary>
public sealed class Operation
{
    private readonly Pb.RequestOp _request;

    private Operation(Pb.RequestOp request, bool isRead) => (_request, IsRead) = (request, isRead);

    /// <summary>Whether it changes nothing.</summary>
    internal bool IsRead { get; }

    /// <summary>Reads keys.</summary>
    public static Operation Get(KeyRange keys, RangeOptions? options = null) =>
        new(new Pb.RequestOp { RequestRange = Wire.ToRequest(keys, options ?? Wire.RangeDefaults) }, isRead: true);

    /// <summary>Puts a key. One transaction puts a key once at most.</summary>
    public static Operation Put(Bytes key, Bytes value, PutOptions? options = null) =>
        new(new Pb.RequestOp { RequestPut = Wire.ToRequest(key, value, options ?? Wire.PutDefaults) }, isRead: false);

    /// <summary>Deletes keys.</summary>
    public static Operation Delete(KeyRange keys, DeleteOptions? options = null) => new(
        new Pb.RequestOp { RequestDeleteRange = Wire.ToRequest(keys, options ?? Wire.DeleteDefaults) }, isRead: false);

    /// <summary>Carries out another transaction within this one.</summary>
    public static Operation Nested(Txn txn)
    {
        ArgumentNullException.ThrowIfNull(txn);
        return new(new Pb.RequestOp { RequestTxn = txn.ToWire() }, txn.IsRead);
    }

    internal Pb.RequestOp ToWire() => _request;
}
