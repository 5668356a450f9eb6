using Lepton.Training.Launch;

namespace Lepton.Training.Tests.Launch;

public sealed class UnhandledExceptionTests
{
    [Theory]
    [InlineData(
        "reading|Unhandled exception. IOException: gone|two lines| ---> X: inner|   at A()|   --- End|   at B()",
        "IOException: gone|two lines", "   at B()")]
    [InlineData("Process terminated. |dead|   at A()|   at B()", "Process terminated. |dead", "   at B()")]
    [InlineData("Stack overflow.|Repeated 9 times:|   at A()", "Stack overflow.|Repeated 9 times:", "   at A()")]
    [InlineData("Unhandled exception. X: caught by a child|Unhandled exception. Y: last||", "Y: last", "Y: last")]
    public void Read_WhatTheRuntimeWrites_IsMessageAndStack(string written, string message, string last)
    {
        var unhandled = new UnhandledException();
        foreach (string line in written.Split('|'))
        {
            unhandled.Read(line);
        }

        Assert.Equal(message.Replace('|', '\n'), unhandled.Message);
        Assert.EndsWith(last, unhandled.Stack, StringComparison.Ordinal);
        Assert.DoesNotContain("reading", unhandled.Stack, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OtherLines_IsNothing()
    {
        var unhandled = new UnhandledException();
        unhandled.Read("loss 0.5");
        unhandled.Read("   at last");

        Assert.Null(unhandled.Message);
        Assert.Null(unhandled.Stack);
    }
}
