using System.Text;
using Lepton.Cli.CommandLine;
using Lepton.Compute;
using Lepton.Core.Hashing;
using Lepton.Torch;

namespace Lepton.Cli.Native;

/// <summary>Where the shim's sources are in a checkout, and where what is built of them goes.</summary>
internal sealed class NativeTree
{
    private readonly string _root;

    /// <param name="root">The checkout.</param>
    internal NativeTree(string root) => _root = root;

    /// <summary>The folder with <c>CMakeLists.txt</c>.</summary>
    public string Sources => Path.Combine(_root, "native");

    /// <summary>CMake's own folder.</summary>
    public string BuildFolder => Path.Combine(Output, "build");

    /// <summary>The folder that the library goes to, where <c>Lepton.Torch</c> looks for it.</summary>
    public string Output => Path.Combine(_root, "artifacts", "native");

    /// <summary>The library.</summary>
    public string Library => Path.Combine(Output, TorchLibrary.FileName);

    /// <summary>What the library was built of; written last.</summary>
    public string Stamp => Path.Combine(Output, "build.stamp");

    /// <summary>Finds the checkout that this command belongs to, or that it is called in.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static NativeTree Find()
    {
        foreach (string start in new[] { AppContext.BaseDirectory, Directory.GetCurrentDirectory() })
        {
            for (string? folder = Path.TrimEndingDirectorySeparator(start); folder is not null;
                folder = Path.GetDirectoryName(folder))
            {
                if (File.Exists(Path.Combine(folder, "native", "CMakeLists.txt")) &&
                    File.Exists(Path.Combine(folder, "Lepton.slnx")))
                {
                    return new NativeTree(folder);
                }
            }
        }

        throw new UsageException(
            "The native library's sources (native/CMakeLists.txt) are not here. Run this command of a checkout of " +
            "Lepton's sources, such as ./lepton native build.",
            exitCode: ExitCodes.MissingFile);
    }

    /// <summary>
    /// What a library of these sources, and of this libtorch, is stamped with: when it differs, it must be built.
    /// </summary>
    public string StampOf(string? libtorch)
    {
        var text = new StringBuilder("libtorch ").Append(libtorch ?? "of the system").Append('\n');
        foreach (string path in Directory.EnumerateFiles(Sources, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal))
        {
            text.Append(Path.GetRelativePath(Sources, path)).Append(' ')
                .Append(StableHash.OfBytes(File.ReadAllBytes(path)).ToString("x16", null)).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Whether the library is there and is what the stamp says.</summary>
    public bool IsCurrent(string stamp) =>
        File.Exists(Library) && File.Exists(Stamp) && File.ReadAllText(Stamp) == stamp;
}
