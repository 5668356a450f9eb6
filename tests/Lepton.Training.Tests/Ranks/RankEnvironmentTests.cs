using Lepton.Torch;
using Lepton.Torch.Distributed;
using Lepton.Training.Launch;
using Lepton.Training.Ranks;

namespace Lepton.Training.Tests.Ranks;

public sealed class RankEnvironmentTests
{
    private static readonly LaunchOptions s_options =
        new() { Command = ["true"], ProcessesPerNode = 3, RestartsMax = 2, RunId = "run" };

    private static readonly LaunchFolder s_folder = new("/folder");

    [Fact]
    public void Read_NothingSet_IsAlone()
    {
        RankEnvironment alone = RankEnvironment.Read(static _ => null);
        Assert.Equal((0, 1, false), (alone.Rank, alone.Size, alone.IsLaunched));
    }

    [Fact]
    public void Read_WhatTheLauncherSets_IsUnderstood()
    {
        var round = new Round(
            2, [new RoundNode("a", "a", "10.0.0.1", 4711, 2), new RoundNode("b", "b", "10.0.0.2", 4712, 3)]);
        var variables = LaunchEnvironment.Of(s_options, round, 1, 2, s_folder, hasThreads: false);

        RankEnvironment read = RankEnvironment.Read(name => variables.GetValueOrDefault(name));

        Assert.Equal((4, 5, 2, 3), (read.Rank, read.Size, read.LocalRank, read.LocalSize));
        Assert.Equal(("10.0.0.1", 4711, "10.0.0.2"), (read.MasterAddress, read.MasterPort, read.HostAddress));
        Assert.Equal(("run", 2, 2, 1), (read.RunId, read.RestartCount, read.RestartsMax, read.GroupRank));
        Assert.True(read.HasLauncherStore);
        Assert.Equal("/folder/error-2-4.json", read.ErrorFile);
        Assert.Equal("/folder/held", read.HoldFolder);
        Assert.Equal(("1", "2"), (variables["OMP_NUM_THREADS"], variables["GROUP_WORLD_SIZE"]));
    }

    [Fact]
    public void Of_ThreadsSetOrOneRank_LeavesThemAlone()
    {
        var many = new Round(0, [new RoundNode("a", "a", "127.0.0.1", 1, 3)]);
        var one = new Round(0, [new RoundNode("a", "a", "127.0.0.1", 1, 1)]);

        Assert.DoesNotContain(
            "OMP_NUM_THREADS", LaunchEnvironment.Of(s_options, many, 0, 0, s_folder, hasThreads: true).Keys);
        Assert.DoesNotContain(
            "OMP_NUM_THREADS", LaunchEnvironment.Of(s_options, one, 0, 0, s_folder, hasThreads: false).Keys);
    }

    [Fact]
    public void Read_WrongVariables_TellsAll()
    {
        string message = Assert.Throws<ArgumentException>(() => RankEnvironment.Read(static name => name switch
        {
            "RANK" => "3",
            "WORLD_SIZE" => "2",
            _ => null,
        })).Message;

        Assert.Contains("RANK is '3', not a number from 0 to 1", message, StringComparison.Ordinal);
        Assert.Contains("MASTER_PORT is missing", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WorkerOfParameterServers_SaysWhereItsNumberIs()
    {
        string message = Assert.Throws<ArgumentException>(() => RankEnvironment.Read(static name => name switch
        {
            "RANK" => "0",
            "WORLD_SIZE" => "2",
            "LEPTON_PARAMETER_SERVERS" => "http://127.0.0.1:7500",
            _ => null,
        })).Message;

        Assert.StartsWith("This is a worker of parameter servers", message, StringComparison.Ordinal);
        Assert.Contains("ParameterClient.Worker", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_Exception_CarriesTypeMessageAndStack()
    {
        Exception thrown = Assert.Throws<FormatException>(new Action(static () => throw new FormatException("odd")));

        RankError? read = RankError.Decode(RankError.Encode(thrown, 7));

        Assert.Equal("FormatException: odd", read!.Message.Message);
        Assert.Contains(nameof(Encode_Exception_CarriesTypeMessageAndStack), read.Message.ExtraInfo!.CallStack);
        Assert.False(read.Message.ExtraInfo.LostItsPeers);
        Assert.Null(RankError.Decode([(byte)'{']));
    }

    [Theory]
    [InlineData(CollectiveFault.Disconnected, true)]
    [InlineData(CollectiveFault.Timeout, true)]
    [InlineData(CollectiveFault.Refused, false)]
    public void Encode_CollectiveThatFailed_TellsWhetherAPeerWasLost(CollectiveFault fault, bool lost)
    {
        var thrown = new InvalidOperationException("outer", new CollectiveException(fault, "inner"));

        Assert.Equal(lost, RankError.Decode(RankError.Encode(thrown, 7))!.Message.ExtraInfo!.LostItsPeers);
    }
}
