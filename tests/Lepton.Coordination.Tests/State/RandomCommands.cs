using Lepton.Coordination.Protocol;
using Lepton.Core.Randomness;

namespace Lepton.Coordination.Tests.State;

/// <summary>Commands of all kinds, sensible ones and others.</summary>
internal sealed class RandomCommands(ulong seed)
{
    private static readonly string[] s_keys = ["a", "b", "b/1", "b/2", "b/3", "c", "d", "\u00ff"];
    private readonly SeededRandom _random = new(seed);

    public long Revision { get; set; } = 1;

    public Command Next()
    {
        switch (_random.NextInt32(20))
        {
            case < 8:
                return Put();
            case < 10:
                return Commands.Delete(Key());
            case 10:
                return Commands.Delete(Key(), _random.NextInt32(4) == 0 ? "\0" : Key());
            case < 14:
                return Commands.Txn(Fill);
            case 14:
                return Commands.Compact(Revision - _random.NextInt32(8));
            case 15:
                return Commands.Grant(_random.NextInt32(4), _random.NextInt32(100));
            case 16:
                return Commands.Revoke(1 + _random.NextInt32(3));
            case 17:
                return Commands.Expire(1 + _random.NextInt32(2), 1 + _random.NextInt32(3));
            case 18:
                var action = (AlarmRequest.Types.AlarmAction)_random.NextInt32(3);
                return Commands.Alarm(action, (AlarmType)_random.NextInt32(2));
            default:
                var attributes = new MemberAttributes { MemberId = 1, ClientUrls = { $"http://{Key()}" } };
                return new Command { MemberAttributes = attributes };
        }
    }

    private Command Put()
    {
        var command = Commands.Put(Key(), $"v{_random.NextInt32(1000)}", _random.NextInt32(4));
        command.Put.PrevKv = _random.NextInt32(3) == 0;
        if (_random.NextInt32(6) == 0)
        {
            (command.Put.IgnoreValue, command.Put.Value) = (true, Google.Protobuf.ByteString.Empty);
        }

        if (_random.NextInt32(6) == 0)
        {
            (command.Put.IgnoreLease, command.Put.Lease) = (true, 0);
        }

        return command;
    }

    private void Fill(TxnRequest request) => Fill(request, depth: 2);

    private void Fill(TxnRequest request, int depth)
    {
        for (var i = _random.NextInt32(3); i > 0; i--)
        {
            request.Compare.Add(Compare());
        }

        foreach (var branch in new[] { request.Success, request.Failure })
        {
            for (var i = _random.NextInt32(4); i > 0; i--)
            {
                branch.Add(Operation(depth));
            }
        }
    }

    private Compare Compare()
    {
        var compare = new Compare
        {
            Key = Commands.Bytes(Key()),
            RangeEnd = Commands.Bytes(_random.NextInt32(3) == 0 ? Key() : ""),
            Result = (Compare.Types.CompareResult)_random.NextInt32(4),
            Target = (Compare.Types.CompareTarget)_random.NextInt32(5),
        };
        switch (compare.Target)
        {
            case Protocol.Compare.Types.CompareTarget.Value:
                compare.Value = Commands.Bytes($"v{_random.NextInt32(1000)}");
                break;
            case Protocol.Compare.Types.CompareTarget.Mod:
                compare.ModRevision = Revision - _random.NextInt32(8);
                break;
            case Protocol.Compare.Types.CompareTarget.Create:
                compare.CreateRevision = _random.NextInt32(3) == 0 ? 0 : Revision - _random.NextInt32(8);
                break;
            case Protocol.Compare.Types.CompareTarget.Version:
                compare.Version = _random.NextInt32(3);
                break;
            default:
                compare.Lease = _random.NextInt32(3);
                break;
        }

        return compare;
    }

    private RequestOp Operation(int depth)
    {
        switch (_random.NextInt32(depth > 0 ? 5 : 4))
        {
            case 0:
                return Commands.RangeOp(Key(), Key(), _random.NextInt32(2) * (Revision - _random.NextInt32(8)));
            case 1:
                return Commands.DeleteOp(Key(), Key());
            case 4:
                var nested = new TxnRequest();
                Fill(nested, depth - 1);
                return new RequestOp { RequestTxn = nested };
            default:
                return new RequestOp { RequestPut = Put().Put };
        }
    }

    private string Key() => s_keys[_random.NextInt32(s_keys.Length)];
}
