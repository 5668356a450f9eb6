namespace Lepton.Raft.Tests.Cluster;

public sealed class FuzzTests
{
    private const ulong SeedsPerCase = 100;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RandomFaults_ManySeeds_KeepsPromisesAndRecovers(ulong group)
    {
        for (ulong seed = group * SeedsPerCase; seed < (group + 1) * SeedsPerCase; seed++)
        {
            try
            {
                FuzzRun run = new(seed);
                run.FaultPhase(1_000);
                run.LivenessPhase();
            }
            catch (Exception exception)
            {
                throw new SafetyException($"seed {seed}: {exception}");
            }
        }
    }
}
