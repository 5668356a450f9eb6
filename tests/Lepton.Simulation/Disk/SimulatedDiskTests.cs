using Lepton.Raft.Disk;

namespace Lepton.Simulation.Disk;

public sealed class SimulatedDiskTests
{
    private const int Seeds = 200;

    [Fact]
    public void CrashMachine_Synced_IsThere()
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            SimulatedDisk disk = new(seed);
            Write(disk.Create("a", 4096), 1).Sync();
            disk.SyncDirectory();
            disk.CrashMachine();
            Assert.All(disk.Content("a"), value => Assert.Equal(1, value));
        }
    }

    [Fact]
    public void CrashMachine_Unsynced_IsThereLostOrTornBySectors()
    {
        HashSet<string> shapes = [];
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            SimulatedDisk disk = new(seed);
            IDiskFile file = Write(disk.Create("a", 4096), 1);
            file.Sync();
            disk.SyncDirectory();
            Write(file, 2);
            Write(file, 3);
            disk.CrashMachine();
            byte[] bytes = disk.Content("a");
            string shape = "";
            for (int sector = 0; sector < 8; sector++)
            {
                byte[] part = bytes[(sector * 512)..((sector + 1) * 512)];
                Assert.Equal(-1, part.AsSpan().IndexOfAnyExcept(part[0]));
                shape += part[0];
            }

            shapes.Add(shape);
        }

        Assert.Contains("11111111", shapes);
        Assert.Contains("33333333", shapes);
        Assert.True(shapes.Count > 20, "Few shapes of torn writes came up.");
        Assert.Contains(shapes, shape => shape.Contains('2', StringComparison.Ordinal));
    }

    [Fact]
    public void CrashMachine_NamesNotSynced_ComeAndGo()
    {
        HashSet<string> seen = [];
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            SimulatedDisk disk = new(seed);
            Write(disk.Create("a", 512), 1).Sync();
            disk.SyncDirectory();
            Write(disk.Create("b", 512), 2).Sync();
            disk.Rename("b", "a");
            disk.CrashMachine();
            IReadOnlyList<string> names = disk.List();
            Assert.Contains("a", names);
            seen.Add(string.Join(',', names.Select(name => name + disk.Content(name)[0])));
        }

        Assert.Equal(["a1", "a1,b2", "a2"], seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void CrashProcess_Unsynced_IsStillThere()
    {
        SimulatedDisk disk = new(1);
        IDiskFile file = Write(disk.Create("a", 512), 1);
        disk.CrashProcess();
        Assert.Throws<ObjectDisposedException>(() => file.Length > 0 ? file.Read(0, new byte[1]) : 0);
        Assert.All(disk.Content("a"), value => Assert.Equal(1, value));
    }

    [Fact]
    public void Sync_FailedOnce_LooksWrittenUntilTheMachineGoesDown()
    {
        bool lost = false;
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            SimulatedDisk disk = new(seed);
            IDiskFile file = Write(disk.Create("a", 512), 1);
            file.Sync();
            disk.SyncDirectory();
            Write(file, 2);
            disk.Faults = new() { FailSync = 1 };
            Assert.Throws<DiskFailedException>(file.Sync);
            disk.Faults = new();
            file.Sync();
            Assert.Equal(2, disk.Content("a")[0]);
            disk.CrashMachine();
            lost |= disk.Content("a")[0] == 1;
        }

        Assert.True(lost);
    }

    [Fact]
    public void Write_BeyondTheQuota_FullAndPartlyDone()
    {
        SimulatedDisk disk = new(1) { QuotaBytes = 6000 };
        IDiskFile file = disk.Create("a", 0);
        file.Write(0, new byte[4000]);
        Assert.Throws<DiskFullException>(() => file.Write(4000, new byte[4000]));
        Assert.Throws<DiskFullException>(() => disk.Create("b", 4000));
        Assert.Equal(["a"], disk.List());
        disk.QuotaBytes = 10_000;
        file.Write(4000, new byte[4000]);
    }

    [Fact]
    public void Write_Misdirected_LandsElsewhere()
    {
        SimulatedDisk disk = new(3);
        IDiskFile file = disk.Create("a", 100 * 512);
        disk.Faults = new() { MisdirectWrite = 1 };
        Write(file, 7);
        byte[] bytes = disk.Content("a");
        Assert.Equal(4096, bytes.Count(value => value == 7));
        Assert.NotEqual(7, bytes[0]);
    }

    [Fact]
    public void Everything_SameSeed_SameBytes()
    {
        Assert.Equal(Story(5), Story(5));
        Assert.NotEqual(Story(5), Story(6));
    }

    private static byte[] Story(ulong seed)
    {
        SimulatedDisk disk = new(seed);
        IDiskFile file = disk.Create("a", 64 * 512);
        disk.SyncDirectory();
        file.Sync();
        for (byte value = 1; value < 50; value++)
        {
            disk.Faults = new() { MisdirectWrite = 0.5 };
            Write(file, value);
        }

        disk.CrashMachine();
        return disk.Content("a");
    }

    private static IDiskFile Write(IDiskFile file, byte value)
    {
        byte[] bytes = new byte[Math.Min(4096, file.Length)];
        bytes.AsSpan().Fill(value);
        file.Write(0, bytes);
        return file;
    }
}
