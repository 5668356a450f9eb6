using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Lepton.Compute.Worker;

/// <summary>Starts a worker process on this machine.</summary>
internal static class WorkerLauncher
{
    private const string ConfigSuffix = ".runtimeconfig.json";

    /// <summary>Starts it and hands it its start line. Lines of its standard error go to
    /// <paramref name="stderr"/>.</summary>
    /// <exception cref="FileNotFoundException">The program's output lacks the worker; the message says what to
    /// do.</exception>
    public static Process Start(WorkerStart start, Action<string?> stderr)
    {
        string assembly = typeof(WorkerLauncher).Assembly.Location;
        if (assembly.Length == 0 || RuntimeConfig(assembly) is not { } config)
        {
            throw new FileNotFoundException(
                $"Worker processes are started from Lepton.Compute.dll and Lepton.Compute{ConfigSuffix}, which " +
                    $"were expected in " +
                $"'{AppContext.BaseDirectory}'. Publish the program as separate files (not as a single file), or use " +
                "LeptonSession.LocalAsync(threads: n).");
        }

        var info = new ProcessStartInfo(DotnetHost())
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
            WorkingDirectory = Environment.CurrentDirectory,
        };
        info.ArgumentList.Add("exec");
        info.ArgumentList.Add("--runtimeconfig");
        info.ArgumentList.Add(config);
        info.ArgumentList.Add(assembly);
        info.ArgumentList.Add("worker");
        info.ArgumentList.Add(start.Name);
        info.Environment["DOTNET_GCHeapHardLimit"] =
            "0x" + start.MemoryBudgetBytes.ToString("x", CultureInfo.InvariantCulture);
        info.Environment["DOTNET_gcConcurrent"] = "0";
        info.Environment["DOTNET_gcServer"] = "0";

        // A task's loops run long and few: compiled well at once they cost less than compiled twice.
        info.Environment.TryAdd("DOTNET_TieredPGO", "0");
        info.Environment.TryAdd("DOTNET_TC_QuickJit", "0");

        // What was compiled ahead of time is good enough at first: compiling it again competes with the tasks for the
        // cores. It begins where nothing new was called for this long, in hexadecimal milliseconds.
        info.Environment.TryAdd("DOTNET_TC_CallCountingDelayMs", "3e8");

        // Threads that wait for work spin for it by default, on processors that tasks and the driver could have.
        info.Environment.TryAdd("DOTNET_ThreadPool_UnfairSemaphoreSpinLimit", "0");

        // The runtime's sockets for debuggers and tracers lie in the temporary directory, and a worker that is killed
        // leaves them there. Who wants to trace workers sets the variable to 1.
        info.Environment.TryAdd("DOTNET_EnableDiagnostics", "0");
        var process = new Process { StartInfo = info };
        process.ErrorDataReceived += (_, line) => stderr(line.Data);
        process.Start();
        process.BeginErrorReadLine();
        try
        {
            process.StandardInput.WriteLine(start.ToLine());
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has ended already. Whoever waits for its end learns why.
            return process;
        }

        return process;
    }

    // User code runs under the program's own configuration, here as there: its frameworks, switches and cultures. The
    // worker's own serves programs that have none, or bring their runtime along.
    private static string? RuntimeConfig(string assembly)
    {
        string?[] candidates = [Assembly.GetEntryAssembly()?.Location, assembly];
        return candidates
            .Where(candidate => candidate is { Length: > 0 })
            .Select(candidate => Path.ChangeExtension(candidate, null) + ConfigSuffix)
            .FirstOrDefault(config => File.Exists(config) && NamesFramework(config));
    }

    private static bool NamesFramework(string config)
    {
        try
        {
            using var json = JsonDocument.Parse(
                File.ReadAllBytes(config),
                new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return json.RootElement.TryGetProperty("runtimeOptions", out JsonElement options)
                && (options.TryGetProperty("framework", out _) || options.TryGetProperty("frameworks", out _));
        }
        catch (JsonException)
        {
            // The host says what is wrong with it better than we could.
            return true;
        }
    }

    private static string DotnetHost()
    {
        // The host that runs this very process, where it is the dotnet command; a program's own executable otherwise
        // finds it as it was found.
        string? current = Environment.ProcessPath;
        if (current is not null && Path.GetFileNameWithoutExtension(current) == "dotnet")
        {
            return current;
        }

        string name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        string runtime = System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory();
        string beside = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", name));
        return File.Exists(beside) ? beside : name;
    }
}
