using Lepton.Core.Randomness;
using Lepton.Simulation.Checking;

namespace Lepton.Simulation.Objects;

/// <summary>
/// A client: one request after the other, and some of them twice, each through a node of its choice.
/// What it is told goes into the history; where its node dies, or its patience ends, it was told nothing.
/// </summary>
internal sealed class ObjectClient(ObjectCluster cluster, int number, SeededRandom random)
{
    private const long PatienceUs = 90_000_000;
    private const int GivesUpPerMille = 30;
    private const int TwinsPerMille = 120;
    private long _requests;

    /// <summary>Asks for the next thing after a while, and so on.</summary>
    public void GoOn() => cluster.Events.After(100_000 + random.NextInt32(3_000_000), () =>
    {
        if (!cluster.ClientsRun)
        {
            return;
        }

        if (cluster.AnyServing(random) is not { } node)
        {
            GoOn();
            return;
        }

        ulong seed = random.NextUInt64();
        string name = $"c{number}-{++_requests}";
        Begin(new ObjectRequest(cluster, number, name, node, new SeededRandom(seed)), node, GoOn);
        if (random.NextInt32(1000) < TwinsPerMille && cluster.AnyServing(random) is { } other)
        {
            // The same at the same moment, with another content: the two are in each other's way.
            ObjectRequest twin = new(cluster, number, $"{name}-twin", other, new SeededRandom(seed));
            Begin(twin, other, static () => { });
        }
    });

    private void Begin(ObjectRequest request, ObjectNode node, Action then)
    {
        NodeLife life = node.Life!;
        bool isOver = false;
        life.WhenOver(() =>
        {
            if (!isOver)
            {
                cluster.Faults.Hit(ObjectFault.NodeDiedInRequest);
                End();
            }
        });
        cluster.Events.After(PatienceUs, End);
        if (random.NextInt32(1000) < GivesUpPerMille)
        {
            cluster.Events.After(random.NextInt32(random.NextInt32(2) == 0 ? 5_000 : 5_000_000), () =>
            {
                if (!isOver)
                {
                    cluster.Faults.Hit(ObjectFault.ClientGone);
                    request.Cancel();
                }
            });
        }

        cluster.Observe(RunAsync(), life);

        async Task RunAsync()
        {
            await request.RunAsync();
            if (!life.IsOver)
            {
                End();
            }
        }

        void End()
        {
            if (!isOver)
            {
                isOver = true;
                request.Cancel();
                foreach ((string key, RegisterInput input, RegisterOutput? output) in request.Told())
                {
                    cluster.History.Add(number, key, input, output, request.InvokedAt);
                }

                then();
            }
        }
    }
}
