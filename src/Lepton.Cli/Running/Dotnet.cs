namespace Lepton.Cli.Running;

/// <summary>Calls the <c>dotnet</c> command.</summary>
internal static class Dotnet
{
    /// <summary>The host that runs this process, where it is the command; the one on the path otherwise.</summary>
    public static string Host =>
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    /// <summary>Runs it to its end and gives what it wrote, standard output and errors one after the other.</summary>
    public static Task<(int Code, string Output)> CaptureAsync(
        IEnumerable<string> arguments, CancellationToken cancellation) =>
        CapturedProcess.RunAsync(Host, arguments, cancellation);
}
