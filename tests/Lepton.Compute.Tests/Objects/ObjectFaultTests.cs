using System.Globalization;
using System.Text;
using Lepton.Compute.Datasets;
using Lepton.Compute.Formats;
using Lepton.Compute.Tests.Datasets;
using Lepton.Compute.Tests.Faults;
using Lepton.Objects;

namespace Lepton.Compute.Tests.Objects;

/// <summary>Processes that die, keys that may not, a store that goes away.</summary>
[Collection(StoreCollection.Name)]
public sealed class ObjectFaultTests(SharedStore store, ThreadsSession threads) : ObjectTest(store, threads)
{
    private const int Rows = 200_000;

    [Fact]
    public async Task KillWorker_WhileItWrites_EachLineIsThereOnceAndNoUploadStays()
    {
        await using Bench bench = await Bench.StartAsync();
        string signed = bench.Path("signed");
        string gate = bench.Path("gate");
        Task<long> write = Padded(bench.Session)
            .SelectPartition((rows, context) => HoldOnce(rows, context, signed, gate))
            .WriteTextAsync(UrlOf("out"), cancellation: Cancellation);
        int process = await Gate.SignedAsync(signed);
        Assert.NotEqual(0, await UploadsAsync());
        await bench.KillAndReplaceAsync(process);
        Gate.Open(gate);

        Assert.Equal(Rows, await write);
        Assert.Equal(Rows, await bench.Session.ReadText(UrlOf("out")).Distinct().CountAsync(Cancellation));
        Assert.Equal(Rows, await bench.Session.ReadText(UrlOf("out")).CountAsync(Cancellation));
        Assert.Equal((3, 0), ((await NamesAsync()).Length, await UploadsAsync()));
    }

    [Fact]
    public async Task KillDriver_WhileItWrites_ItsWorkersAbortTheUploads()
    {
        await using Driver driver = StartDriver("write", Store.Variables, UrlOf("out"));
        await driver.TasksRunAsync();
        Assert.Equal(2, await UploadsAsync());

        driver.Kill();
        await driver.GoneAsync();

        Assert.Equal(0, await UploadsAsync());
        Assert.Empty(await NamesAsync());
        Assert.Empty(driver.Left());
    }

    [Fact]
    public async Task KillDriver_WithWhoeverCouldCleanUp_TheNextSessionAbortsTheUploads()
    {
        await using Driver driver = StartDriver("write-threads", Store.Variables, UrlOf("out"));
        await driver.TasksRunAsync();
        driver.KillAll();
        await driver.GoneAsync();
        Assert.Equal(2, await UploadsAsync());

        var options = new LeptonSessionOptions
        {
            WorkDirectory = Path.Combine(driver.Folder, "work"), EventLogPath = "",
        };
        await using (await LeptonSession.LocalAsync(threads: 1, options: options))
        {
        }

        Assert.Equal(0, await UploadsAsync());
        Assert.Empty(driver.Left());
    }

    [Fact]
    public async Task Write_StoreGoesAwayAndComesBack_NothingStays()
    {
        await using LeptonSession session = await LeptonSession.LocalAsync(
            threads: 1, options: new LeptonSessionOptions { EventLogPath = "", RetriesMax = 0 });
        int sent = 0;
        using (Store.Faults.On(
            (_, target) => IsHere(target) && (Volatile.Read(ref sent) > 0
                || (target.Contains("partNumber=", StringComparison.Ordinal) && Interlocked.Increment(ref sent) < 0)),
            int.MaxValue,
            static (context, _) =>
            {
                context.Abort();
                return Task.CompletedTask;
            }))
        {
            Exception error = await Assert.ThrowsAnyAsync<IOException>(
                () => Padded(session).WriteTextAsync(UrlOf("out"), cancellation: Cancellation));
            Assert.Contains("could not be reached", error.Message, StringComparison.Ordinal);
            Assert.NotEqual(0, await UploadsAsync());
            Assert.Empty(await NamesAsync());
        }

        await session.DisposeAsync();
        Assert.Equal(0, await UploadsAsync());
    }

    [Theory]
    [InlineData("read-nothing", "There is no key for the store at ")]
    [InlineData("write-threads", "There is no key for the store at ")]
    public async Task Program_WithoutAKey_EndsAsForAMissingFile(string mode, string message)
    {
        var variables = new Dictionary<string, string>(Store.Variables)
        {
            ["AWS_ACCESS_KEY_ID"] = "", ["AWS_SECRET_ACCESS_KEY"] = "", ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null",
        };
        await AssertEndsAsync(mode, variables, ExitCodes.MissingFile, message);
    }

    [Theory]
    [InlineData("read-nothing")]
    [InlineData("write-threads")]
    public async Task Program_WithAnotherSecret_EndsAsForAMissingFile(string mode)
    {
        var variables = new Dictionary<string, string>(Store.Variables) { ["AWS_SECRET_ACCESS_KEY"] = "wrong-one" };
        await AssertEndsAsync(mode, variables, ExitCodes.MissingFile, "refused the key");
    }

    [Fact]
    public async Task Program_WithAKeyThatMayOnlyRead_EndsAsForAMissingFile() => await AssertEndsAsync(
        "write-threads", await Store.ReaderAsync(), ExitCodes.MissingFile, "the key may not do this there");

    /// <summary>A key is the environment's: it is in no plan, no event and no message.</summary>
    [Fact]
    public async Task Session_OverObjects_WritesNoKeyAnywhere()
    {
        await using Bench bench = await Bench.StartAsync(workers: 1);
        await PutAsync("lines.txt", "a\nb\n");
        Dataset<string> lines = bench.Session.ReadText(UrlOf("lines.txt"));
        await lines.Select(line => line + line).WriteTextAsync(UrlOf("out"), cancellation: Cancellation);
        await lines.Repartition(2).Checkpoint(UrlOf("saved")).CountAsync(Cancellation);
        await Assert.ThrowsAsync<FormatException>(
            () => lines.Select(line => line == "b" ? throw new FormatException("bad") : line)
                .WriteTextAsync(UrlOf("bad"), cancellation: Cancellation));
        await bench.EndAsync();
        string root = Path.GetDirectoryName(bench.WorkDirectory)!;
        foreach (string file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            string text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Cancellation));
            Assert.DoesNotContain(Store.Secret, text, StringComparison.Ordinal);
            Assert.DoesNotContain(Store.KeyId, text, StringComparison.Ordinal);
        }
    }

    private async Task AssertEndsAsync(string mode, Dictionary<string, string> variables, int code, string message)
    {
        await using Driver driver = StartDriver(mode, variables, UrlOf("out"));
        (int ended, _) = await driver.EndAsync();
        string error = await driver.Error;
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Equal(code, ended);
        foreach (string name in (string[])["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
        {
            Assert.True(
                variables[name].Length == 0 || !error.Contains(variables[name], StringComparison.Ordinal), error);
        }
    }

    private static Driver StartDriver(string mode, IReadOnlyDictionary<string, string> variables, string path) =>
        Driver.Start(mode, environment: new Dictionary<string, string>(variables) { ["FAULT_PATH"] = path });

    // Long enough that a piece of each part is sent before its end.
    private static Dataset<string> Padded(LeptonSession session) => session.Range(0, Rows, 2)
        .Select(row => row.ToString(new string('0', 100), CultureInfo.InvariantCulture));

    private static IEnumerable<string> HoldOnce(
        IEnumerable<string> rows, PartitionContext context, string signed, string gate)
    {
        int left = Rows / 2;
        foreach (string row in rows)
        {
            yield return row;
            if (--left == 1 && context is { Partition: 0, Attempt: 0 })
            {
                Gate.Sign(signed);
                Gate.Pass(gate, context.Cancellation);
            }
        }
    }
}
