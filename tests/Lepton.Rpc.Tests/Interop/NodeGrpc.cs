using System.ComponentModel;
using System.Diagnostics;

namespace Lepton.Rpc.Tests.Interop;

/// <summary>Runs the unmodified gRPC library of Node.js, where it is installed.</summary>
internal static class NodeGrpc
{
    private const string Package = "@grpc/grpc-js";

    /// <summary>Skips the test, with the command that installs what is missing.</summary>
    public static async Task RequireAsync()
    {
        string? missing = null;
        try
        {
            using Process probe = Start(["-e", $"require.resolve('{Package}')"]);
            probe.StandardInput.Close();
            await probe.WaitForExitAsync();
            missing = probe.ExitCode == 0
                ? null
                : $"{Package} is missing. Install it: npm install --prefix artifacts/test-tools " +
                    $"--ignore-scripts {Package}";
        }
        catch (Win32Exception)
        {
            missing = "node is missing. Install it: apt-get install nodejs npm && npm install " +
                $"--prefix artifacts/test-tools --ignore-scripts {Package}";
        }

        if (missing is not null)
        {
            Assert.Skip(missing);
        }
    }

    /// <summary>Starts the script beside this class.</summary>
    public static Process StartScript(params string[] arguments) =>
        Start([Path.Combine(AppContext.BaseDirectory, "Interop", "grpc-js.cjs"), .. arguments]);

    private static Process Start(IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new("node", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Node looks for packages that do not lie above the script only where this variable points. test.sh installs
        // into artifacts/, in whose bin/PROJECT/release this program lies.
        string artifacts = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", ".."));
        string[] folders =
        [
            Path.Combine(artifacts, "test-tools", "node_modules"),
            .. (Environment.GetEnvironmentVariable("NODE_PATH") ?? "").Split(
                Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
            "/usr/lib/node_modules", "/usr/local/lib/node_modules", "/usr/share/nodejs",
        ];
        start.Environment["NODE_PATH"] = string.Join(Path.PathSeparator, folders);
        return Process.Start(start)!;
    }
}
