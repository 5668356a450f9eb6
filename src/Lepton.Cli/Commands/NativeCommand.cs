using System.CommandLine;
using System.Globalization;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Native;
using Lepton.Compute;
using Lepton.Torch;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton native</c>: the native library between Lepton and libtorch.</summary>
internal static class NativeCommand
{
    private const string Examples =
        """
        Examples:
          lepton native build                             against Debian's libtorch-dev
          lepton native build --libtorch /opt/libtorch    against another one, 1.13 or 2.x, CUDA too
          lepton native status

        Only neural networks need it. It is built once, in artifacts/native of the checkout, and again where its
        sources or the libtorch are others.
        """;

    private static readonly string[] s_backends = ["gloo", "nccl"];

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("native", "Builds and describes the native library that neural networks need.")
        {
            Build(), Status(),
        };
        command.AppendHelp(Examples, HelpText.ExitCodesText);
        command.SetAction(HelpText.Print);
        return command;
    }

    private static Command Build()
    {
        Option<string> libtorch = new("--libtorch")
        {
            Description = "A folder with include/ and lib/ of libtorch; the system's otherwise, or LIBTORCH.",
            HelpName = "DIR",
        };
        var command = new Command("build", "Builds the native library, where it is not built yet.") { libtorch };
        command.AppendHelp(Examples, HelpText.ExitCodesText);
        command.SetGuardedAction(async (result, cancellation) =>
        {
            NativeTree tree = NativeTree.Find();
            string? given = result.GetValue(libtorch) ??
                (Environment.GetEnvironmentVariable("LIBTORCH") is { Length: > 0 } path ? path : null);
            bool built = await NativeBuild.RunAsync(
                tree,
                given,
                () => Console.Error.WriteLine("lepton: building the native library; it takes a minute or two…"),
                cancellation).ConfigureAwait(false);
            Console.Out.WriteLine($"{tree.Library}{(built ? "" : " (nothing changed since it was built)")}");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Status()
    {
        var command = new Command("status", "Says which libtorch is used, and what it can do.");
        command.AppendHelp(Examples, HelpText.ExitCodesText);
        command.SetGuardedAction(static (_, _) =>
        {
            try
            {
                TorchLibrary.Require();
            }
            catch (TorchLibraryException e)
            {
                throw new UsageException(e.Message, e, ExitCodes.MissingFile);
            }

            Console.Out.WriteLine($"library       {TorchLibrary.Path}");
            Console.Out.WriteLine($"libtorch      {TorchLibrary.Version}");
            Console.Out.WriteLine($"collectives   {string.Join(", ", s_backends.Where(TorchLibrary.HasBackend))}");
            Console.Out.WriteLine($"CUDA devices  {GpusText()}");
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"threads       {TorchLibrary.Threads}"));
            return Task.FromResult(ExitCodes.Ok);
        });
        return command;
    }

    private static string GpusText()
    {
        int count = CudaDevices.Count;
        string names = string.Join(", ", Enumerable.Range(0, count).Select(CudaDevices.NameOf));
        return (count, TorchLibrary.HasBackend("cuda")) switch
        {
            (0, false) => "0 (built without CUDA)",
            (0, true) => "0 (built for CUDA; libtorch finds no GPU here)",
            _ => string.Create(CultureInfo.InvariantCulture, $"{count} ({names})"),
        };
    }
}
