using System.Net;
using Lepton.Compute.Datasets;
using Lepton.Compute.Formats;
using Lepton.Compute.Functions;
using Lepton.Compute.Tests.Faults;
using Lepton.Core.Records;
using Lepton.Objects;
using Lepton.Rpc.Server;

namespace Lepton.Compute.Tests.Session;

/// <summary>Each kind of bad input has a code of its own.</summary>
public sealed class ExitCodesTests : IDisposable
{
    private const int DiskFullErrno = 28;
    private readonly string _folder = Directory.CreateTempSubdirectory("lepton-codes-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(ExitCodes.MissingFile, null)]
    [InlineData(ExitCodes.EmptyData, "")]
    [InlineData(ExitCodes.EmptyData, "a,label\n")]
    [InlineData(ExitCodes.MissingColumn, "a,lable\n1,x\n")]
    [InlineData(ExitCodes.MalformedRow, "a,label\none,x\n")]
    [InlineData(ExitCodes.NotFinite, "a,label\nNaN,x\n")]
    [InlineData(ExitCodes.NotFinite, "a,label\n-Infinity,x\n")]
    public async Task Of_WhatATableOfBadCsvThrows_IsItsOwn(int code, string? csv)
    {
        string path = Path.Combine(_folder, "t.csv");
        if (csv is not null)
        {
            await File.WriteAllTextAsync(path, csv, TestContext.Current.CancellationToken);
        }

        await using LeptonSession session = await LeptonSession.LocalAsync(
            threads: 1, options: new LeptonSessionOptions { EventLogPath = "" });
        SourceException thrown = await Assert.ThrowsAnyAsync<SourceException>(
            () => LabeledCsv.Open(session, path, "label").Rows.ToListAsync());

        Assert.Equal(code, ExitCodes.Of(thrown));
    }

    [Fact]
    public void Of_OptionsThatCannotBeUsed_AreUsage()
    {
        ArgumentException ours = Assert.Throws<ArgumentException>(
            () => new UrlOptions { ConcurrencyMax = 0 }.Validate());
        ArgumentException theirs = Assert.Throws<ArgumentException>(Throw);

        Assert.Equal(ExitCodes.Usage, ExitCodes.Of(ours));
        Assert.Equal(ExitCodes.Failed, ExitCodes.Of(theirs));

        static void Throw() => throw new ArgumentException("of the program");
    }

    [Fact]
    public async Task Of_ALambdaAndARecordThatCannotTravel_AreTheirOwn()
    {
        await using LeptonSession session = await LeptonSession.LocalAsync(
            threads: 1, options: new LeptonSessionOptions { EventLogPath = "" });
        using var stream = new MemoryStream();

#pragma warning disable LPT001 // What is tested.
        Exception unsendable = await Assert.ThrowsAsync<UnsendableException>(
            () => session.Range(0, 1).Select(row => row + stream.Length).CountAsync());
#pragma warning restore LPT001
        Exception uncodable = await Assert.ThrowsAsync<UncodableTypeException>(
            () => session.Range(0, 1).Select(row => new Lazy<long>(row)).Repartition(2).CountAsync());

        Assert.Equal(ExitCodes.Unsendable, ExitCodes.Of(unsendable));
        Assert.Equal(ExitCodes.Uncodable, ExitCodes.Of(uncodable));
    }

    [Fact]
    public void Of_AFullDisk_IsFoundBelowWhatWrapsIt()
    {
        var full = new IOException("No space left on device", DiskFullErrno);

        Assert.Equal(ExitCodes.DiskFull, ExitCodes.Of(full));
        Assert.Equal(ExitCodes.DiskFull, ExitCodes.Of(new InvalidOperationException("writing failed", full)));
        Assert.Equal(ExitCodes.DiskFull, ExitCodes.Of(new JobFailedException(JobFailure.DiskFull, "full")));
        Assert.Equal(
            ExitCodes.DiskFull, ExitCodes.Of(new ObjectException("full") { Failure = ObjectFailure.Full }));
        Assert.Equal(ExitCodes.Failed, ExitCodes.Of(new JobFailedException(JobFailure.Memory, "memory")));
    }

    [Fact]
    public async Task Of_APortInUse_IsItsOwn()
    {
        await using RpcServer first = await RpcServer.StartAsync(
            new RpcServices(), new RpcServerOptions(), TestContext.Current.CancellationToken);
        var taken = new RpcServerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, first.Address.Port) };

        RpcBindException thrown = await Assert.ThrowsAsync<RpcBindException>(
            () => RpcServer.StartAsync(new RpcServices(), taken, TestContext.Current.CancellationToken));

        Assert.Equal(ExitCodes.PortInUse, ExitCodes.Of(thrown));
    }

    [Theory]
    [InlineData("read-nothing", ExitCodes.MissingFile)]
    [InlineData("throw", 128 + 6)]
    public async Task Program_ThatCatchesNothing_EndsWithTheCodeWhereThereIsOne(string mode, int code)
    {
        await using Driver driver = Driver.Start(mode);

        (int ended, _) = await driver.EndAsync();

        Assert.Equal(code, ended);
    }

    [Fact]
    public async Task Program_OnAFullDisk_EndsWithItsCodeAndLeavesNothingHalfWritten()
    {
        using TinyDisk disk = TinyDisk.Mount(megabytes: 4);
        await using Driver driver = Driver.Start("full", folder: Path.Combine(disk.Path, "driver"));

        (int ended, _) = await driver.EndAsync();

        string said = await driver.Error;
        Assert.Contains("No space left on device", said, StringComparison.Ordinal);
        Assert.Contains("Make room there", said, StringComparison.Ordinal);
        Assert.Equal(1, said.Count(c => c == '\n'));
        Assert.Equal(ExitCodes.DiskFull, ended);
        Assert.Empty(driver.Left());
    }

    /// <summary>The same without root: the file system is in a namespace of the program's own.</summary>
    [Theory]
    [InlineData("full", "out")]
    [InlineData("full-shuffle", "work")]
    public async Task Program_OnAFullDiskOfAnyUser_EndsWithItsCodeAndLeavesNothingHalfWritten(string mode, string disk)
    {
        string folder = Directory.CreateTempSubdirectory("lepton-driver-").FullName;
        await using Driver driver = Driver.Start(
            mode, folder: folder, launcher: OwnNamespace.WithSmallDisk(Path.Combine(folder, disk), megabytes: 4));

        (int ended, string output) = await driver.EndAsync();

        string said = await driver.Error;
        Assert.Contains("No space left on device", said, StringComparison.Ordinal);
        Assert.Contains("Make room there", said, StringComparison.Ordinal);
        Assert.Equal(1, said.Count(c => c == '\n'));
        Assert.Equal(ExitCodes.DiskFull, ended);
        Assert.DoesNotContain("left: ", output, StringComparison.Ordinal);
        Assert.Empty(driver.Left());
    }
}
