namespace Lepton.Cli.Tests.Commands;

/// <summary>The project of a small program, which <c>lepton run</c> builds once for all tests of a class.</summary>
public sealed class UserProgram : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _beside = new();
    private LeptonRun? _first;

    internal LeptonRun First => _first!;

    public string Folder => _folder.Path;

    /// <summary>A source file that the project links in from elsewhere.</summary>
    public string Linked => _beside.File("Linked.cs");

    public string Assembly => _folder.File("bin/Release/net10.0/user.dll");

    public async ValueTask InitializeAsync()
    {
        _folder.Write(
            "user.csproj",
            "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><OutputType>Exe</OutputType>",
            "<TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings>",
            $"</PropertyGroup><ItemGroup><Compile Include=\"{Linked}\" /></ItemGroup></Project>");
        _beside.Write("Linked.cs", "internal static class Linked;");
        _folder.Write(
            "Program.cs",
            "using System.Runtime.InteropServices;",
            "if (args is [\"wait\"])",
            "{",
            "    var signalled = new TaskCompletionSource<int>();",
            "    using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => { c.Cancel = true; " +
                "signalled.TrySetResult(41); });",
            "    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, c => { c.Cancel = true; " +
                "signalled.TrySetResult(42); });",
            "    Console.WriteLine(\"ready\");",
            "    return await signalled.Task;",
            "}",
            "Console.WriteLine(string.Join('|', args));",
            "Console.Error.WriteLine(Environment.CurrentDirectory);",
            "return args.Length;");
        _first = await LeptonRun.OfAsync("run", _folder.Path, "--", "a b", "--flag", "-x=1");
    }

    public ValueTask DisposeAsync()
    {
        _first?.Dispose();
        _folder.Dispose();
        _beside.Dispose();
        return ValueTask.CompletedTask;
    }
}
