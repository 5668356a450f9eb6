using Lepton.Simulation.Disk;

namespace Lepton.Simulation.Log;

public sealed class LogCrashTests
{
    private const int Seeds = 2000;

    [Fact]
    public void Open_AfterLostPower_HoldsWhatWasSynced() => ForSeeds(harness =>
    {
        for (int crash = 0; crash < 3; crash++)
        {
            Run(harness);
            harness.Disk.CrashMachine();
            harness.Reopen();
            harness.CheckWhole();
        }
    });

    [Fact]
    public void Open_AfterPowerLostInsideOfACall_HoldsWhatWasSynced() => ForSeeds(harness =>
    {
        for (int crash = 0; crash < 3; crash++)
        {
            harness.Disk.CallsUntilPowerLoss = harness.Choose(100);
            UntilPowerLoss(() =>
            {
                Run(harness);
                Run(harness);
            });
            harness.Disk.CrashMachine();

            // Now and then the power goes again while the log is being opened.
            harness.Disk.CallsUntilPowerLoss = harness.Choose(6);
            UntilPowerLoss(harness.Reopen);
            harness.Disk.CrashMachine();
            harness.Reopen();
            harness.CheckWhole();
        }
    });

    [Fact]
    public void Open_AfterKilledProcess_IsDurable() => ForSeeds(harness =>
    {
        Run(harness);
        harness.Disk.CrashProcess();
        harness.Reopen();
        harness.CheckWhole();

        // What the second process has read it has told others: it must outlive the machine.
        harness.Disk.CrashMachine();
        harness.Reopen();
        harness.CheckWhole();
    });

    [Fact]
    public void Open_AfterLostPowerAndRot_TellsWhatIsLost() => ForSeeds(harness =>
    {
        Run(harness);
        harness.Sync();
        Run(harness);
        harness.Disk.CrashMachine();
        harness.Rot();
        harness.Reopen();
        harness.CheckHonest();
        if (harness.Log.Damage is not null)
        {
            // Damage stays known until it is repaired, and once it is, the log is whole for good.
            harness.Reopen();
            harness.CheckHonest();
            harness.Repair();
            harness.Disk.CrashMachine();
            harness.Reopen();
            harness.CheckWhole();
            Run(harness);
            harness.Disk.CrashMachine();
            harness.Reopen();
            harness.CheckWhole();
        }
    });

    [Fact]
    public void Open_AfterMisdirectedWrite_TellsWhatIsLost() => ForSeeds(harness =>
    {
        Run(harness);
        harness.Sync();
        harness.Disk.Faults = new() { MisdirectWrite = 1 };
        harness.Append(truncate: false);
        harness.Disk.Faults = new();
        harness.Sync();
        if (harness.Choose(2) == 0)
        {
            Run(harness);
        }

        harness.Disk.CrashMachine();
        harness.Reopen();
        harness.CheckHonest();
    });

    [Fact]
    public void Open_AfterFailedSync_IsDurable() => ForSeeds(harness =>
    {
        Run(harness);
        harness.Disk.Faults = new() { FailSync = 0.2 };
        try
        {
            Run(harness);
        }
        catch (Lepton.Raft.Disk.DiskFailedException)
        {
            // The node stops; its supervisor starts it again while the system takes the lost pages for written.
            harness.Disk.CrashProcess();
        }

        harness.Disk.Faults = new();
        harness.Reopen();
        harness.CheckWhole();
        harness.Disk.CrashMachine();
        harness.Reopen();
        harness.CheckWhole();
    });

    [Fact]
    public void Append_DiskThatFillsUp_ChangesNothingAndGoesOn() => ForSeeds(harness =>
    {
        for (int round = 0; round < 2; round++)
        {
            harness.Disk.QuotaBytes = harness.Disk.UsedBytes + harness.Choose(100_000);
            RunWhileFull(harness);
            harness.Disk.CrashMachine();
            harness.Reopen();
            harness.CheckWhole();
            harness.Disk.QuotaBytes = long.MaxValue;
            Run(harness);
            harness.Disk.CrashMachine();
            harness.Reopen();
            harness.CheckWhole();
        }
    });

    private static void ForSeeds(Action<LogHarness> run)
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            using LogHarness harness = new(seed);
            try
            {
                run(harness);
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException($"Seed {seed}: {fault.Message}", fault);
            }
        }
    }

    private static void UntilPowerLoss(Action run)
    {
        try
        {
            run();
        }
        catch (SimulatedPowerLossException loss)
        {
            Assert.NotNull(loss.Message);
        }
    }

    private static void RunWhileFull(LogHarness harness)
    {
        int steps = 1 + harness.Choose(80);
        int refused = 0;
        for (int i = 0; i < steps; i++)
        {
            try
            {
                harness.Step();
            }
            catch (Lepton.Raft.Disk.DiskFullException)
            {
                refused++;
                Assert.True(
                    harness.Log.LastIndex == harness.Latest.Last, $"Refused append {refused} changed the log.");
                Assert.Equal(harness.Latest.HardState, harness.Log.HardState);
            }
        }
    }

    private static void Run(LogHarness harness)
    {
        int steps = 1 + harness.Choose(60);
        for (int i = 0; i < steps; i++)
        {
            harness.Step();
        }
    }
}
