using Lepton.Training.Launch;
using Lepton.Training.Ranks;

namespace Lepton.Training.Tests.Ranks;

public sealed class RankEnvironmentTests
{
    private static readonly LaunchOptions s_options =
        new() { Command = ["true"], ProcessesPerNode = 3, RestartsMax = 2, RunId = "run" };

    [Fact]
    public void Read_NothingSet_IsAlone()
    {
        RankEnvironment alone = RankEnvironment.Read(static _ => null);
        Assert.Equal((0, 1, false), (alone.Rank, alone.Size, alone.IsLaunched));
    }

    [Fact]
    public void Read_WhatTheLauncherSets_IsUnderstood()
    {
        var variables = LaunchEnvironment.Of(s_options, 1, 4711, 2, "error.json", hasThreads: false);

        RankEnvironment read = RankEnvironment.Read(name => variables.GetValueOrDefault(name));

        Assert.Equal((1, 3, 1, 3), (read.Rank, read.Size, read.LocalRank, read.LocalSize));
        Assert.Equal(("127.0.0.1", 4711), (read.MasterAddress, read.MasterPort));
        Assert.Equal(("run", 2, 2), (read.RunId, read.RestartCount, read.RestartsMax));
        Assert.True(read.HasLauncherStore);
        Assert.Equal("error.json", read.ErrorFile);
        Assert.Equal("1", variables["OMP_NUM_THREADS"]);
    }

    [Fact]
    public void Of_ThreadsSetOrOneRank_LeavesThemAlone()
    {
        Assert.DoesNotContain("OMP_NUM_THREADS", LaunchEnvironment.Of(s_options, 0, 1, 0, "e", hasThreads: true).Keys);
        Assert.DoesNotContain(
            "OMP_NUM_THREADS",
            LaunchEnvironment.Of(s_options with { ProcessesPerNode = 1 }, 0, 1, 0, "e", hasThreads: false).Keys);
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
    public void Encode_Exception_CarriesTypeMessageAndStack()
    {
        Exception thrown = Assert.Throws<FormatException>(new Action(static () => throw new FormatException("odd")));

        RankError? read = RankError.Decode(RankError.Encode(thrown, 7));

        Assert.Equal("FormatException: odd", read!.Message.Message);
        Assert.Contains(nameof(Encode_Exception_CarriesTypeMessageAndStack), read.Message.ExtraInfo!.CallStack);
        Assert.Null(RankError.Decode([(byte)'{']));
    }
}
