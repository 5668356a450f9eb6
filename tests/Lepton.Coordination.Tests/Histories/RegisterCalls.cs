using Lepton.Coordination.Client;
using Lepton.Simulation.Checking;

namespace Lepton.Coordination.Tests.Histories;

/// <summary>The operations of the checker's model as calls of the client.</summary>
internal static class RegisterCalls
{
    /// <summary>Asks the store for an operation on one key.</summary>
    /// <exception cref="OutcomeUnknownException">Nobody knows whether it took effect.</exception>
    /// <exception cref="CoordinationException">It did not take effect.</exception>
    public static async Task<RegisterOutput> AskAsync(CoordinationClient client, string key, RegisterInput input)
    {
        switch (input)
        {
            case RegisterInput.Get:
                return new RegisterOutput((await client.GetAsync(key))?.Value.ToString(), false);
            case RegisterInput.Put put:
                await client.PutAsync(key, put.Value);
                return new RegisterOutput(null, false);
            case RegisterInput.Delete:
                return new RegisterOutput(null, (await client.DeleteAsync(KeyRange.Of(key))).Deleted > 0);
            case RegisterInput.CompareAndSet cas:
                Condition expected = cas.Expected is null
                    ? Condition.Absent(key)
                    : Condition.Value(KeyRange.Of(key), Comparison.Equal, cas.Expected);
                TxnResult result = await client.CommitAsync(Txn.If(expected).Then(Operation.Put(key, cas.Value)));
                return new RegisterOutput(null, result.Succeeded);
            default:
                throw new ArgumentException($"{input} is no operation of a key.", nameof(input));
        }
    }
}
