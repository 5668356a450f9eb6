using Lepton.Compute.Tests.Faults;
using Lepton.Objects;
using Lepton.Objects.Tests;

namespace Lepton.Compute.Tests.Objects;

/// <summary>A job that writes to a store whose disk is full.</summary>
public sealed class FullStoreTests
{
    [Fact]
    public async Task Program_WhoseStoreIsFull_EndsAsForAFullDisk()
    {
        using TinyDisk disk = TinyDisk.Mount(megabytes: 8);
        await using StoreFixture store = new() { DataDir = Path.Combine(disk.Path, "s1") };
        await store.InitializeAsync();
        ObjectUrl output = (await store.NewPlaceAsync()).Child("out");
        await using Driver driver = Driver.Start(
            "full", environment: new Dictionary<string, string>(store.Variables)
            {
                ["FAULT_PATH"] = output.ToString(),
            });

        (int ended, _) = await driver.EndAsync();

        string said = await driver.Error;
        Assert.Contains($"{store.Address.Endpoint} is full: ", said, StringComparison.Ordinal);
        Assert.Contains("Make room there", said, StringComparison.Ordinal);
        Assert.Equal(1, said.Count(c => c == '\n'));
        Assert.Equal(ExitCodes.DiskFull, ended);
        using ObjectClient objects = new(store.Address);
        Assert.Empty(await objects.ListAsync(output, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken));
    }
}
