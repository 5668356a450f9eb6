using System.Reflection;
using System.Text.RegularExpressions;
using Lepton.Coordination.Tests.Servers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Lepton.Coordination.Tests.Client;

/// <summary>The program on the page docs/consensus.md, compiled and run against a cluster.</summary>
public sealed class ConsensusPageTests
{
    // Of the program's namespace, so it takes the place of the one that writes to the terminal.
    private const string Terminal =
        """
        static class Console
        {
            public static readonly List<string> Lines = [];
            public static void WriteLine(object? line) => Lines.Add($"{line}");
        }
        """;

    [Fact]
    public async Task Example_AgainstACluster_PutsGetsAndHoldsTheLock()
    {
        await using MemberCluster cluster = await MemberCluster.StartAsync(ServerProgram.Lepton, members: 3);
        int member = 0;
        string program = Regex.Replace(
            Example(), "http://127.0.0.1:[0-9]+", _ => cluster.Endpoints[member++].GetLeftPart(UriPartial.Authority));
        Assert.Equal(3, member);

        Assembly compiled = Compile(
            "using System; using System.Collections.Generic; using System.Threading.Tasks;\n" + program + Terminal);
        await Task.Run(() => compiled.EntryPoint!.Invoke(null, [Array.Empty<string>()]));

        var lines = (List<string>)compiled.GetType("Console")!.GetField("Lines")!.GetValue(null)!;
        Assert.Equal("hello", lines[0]);
        Assert.Matches("^Token [0-9]+; working.$", lines[1]);
        Assert.Equal(2, lines.Count);
    }

    private static string Example()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Lepton.slnx")))
        {
            folder = folder.Parent;
        }

        string page = File.ReadAllText(Path.Combine(folder.FullName, "docs", "consensus.md"));
        return Regex.Match(page, "^```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)
            .Groups[1].Value;
    }

    private static Assembly Compile(string program)
    {
        string[] references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var compilation = CSharpCompilation.Create(
            "consensus-page",
            [CSharpSyntaxTree.ParseText(program)],
            references.Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(
                OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        using var bytes = new MemoryStream();
        Microsoft.CodeAnalysis.Emit.EmitResult emitted = compilation.Emit(bytes);
        Assert.True(emitted.Success, string.Join(Environment.NewLine, emitted.Diagnostics));
        return Assembly.Load(bytes.ToArray());
    }
}
