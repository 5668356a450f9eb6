using Lepton.Bench.Running;

namespace Lepton.Bench.Coordination;

/// <summary>How a member of a cluster is started. Both sides get the same flags, which are etcd's.</summary>
internal sealed class ServerProgram
{
    public const string Ours = "ours";
    public const string Etcd = "etcd";
    private readonly string _file;
    private readonly IReadOnlyList<string> _head;

    private ServerProgram(string file, IReadOnlyList<string> head) => (_file, _head) = (file, head);

    /// <summary>The options of a verb that starts servers.</summary>
    public static IReadOnlyList<string> Options { get; } = ["server", "program", "work-directory"];

    public static ServerProgram From(Arguments arguments) => arguments.Text("server") switch
    {
        // With the settings of the `lepton` script, which starts the same.
        Ours => new ServerProgram(
            "env",
            [
                "DOTNET_GCgen0size=0x1000000", "DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=8",
                Environment.ProcessPath!, arguments.Text("program"), "coordinator",
            ]),
        Etcd => new ServerProgram(arguments.Text("program"), []),
        string other => throw new ArgumentException($"--server is '{other}', expected {Ours} or {Etcd}."),
    };

    /// <summary>The command that runs one member. What it says goes to a file, and the shell becomes the member.
    /// </summary>
    public Command Member(string logFile, IReadOnlyList<string> flags) => new(
        "sh", ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1", "sh", logFile, _file, .. _head, .. flags]);
}
