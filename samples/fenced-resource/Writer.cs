using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes;

namespace FencedResource;

/// <summary>The writer's own process: takes the lock, tells its token, and writes when it is told to.</summary>
internal static class Writer
{
    public static async Task<int> RunAsync(string lockName, string endpoints)
    {
        using var client = new CoordinationClient(new CoordinationClientOptions
        {
            Endpoints = [.. endpoints.Split(',').Select(endpoint => new Uri(endpoint))],
        });

        // A short lease, so that nobody waits long for the holder that is paused.
        var mutex = new DistributedLock(client, lockName, new LeaseSessionOptions { Ttl = TimeSpan.FromSeconds(2) });
        await using HeldLock held = await mutex.AcquireAsync();
        Console.WriteLine(held.FencingToken);

        // "write 150" is what a user's code would do next: it sends the new balance along with the token. A careful
        // holder looks at held.IsHeld before, as this one does not, but the pause could come right after.
        while (Console.ReadLine() is { } order && order != "end")
        {
            Console.WriteLine($"{order} token {held.FencingToken}");
        }

        Console.WriteLine(held.Loss is { } loss ? $"lost, {loss}" : "held");
        return 0;
    }
}
