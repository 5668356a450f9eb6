using System.Globalization;
using Lepton.Cli.CommandLine;
using Lepton.Compute.Datasets;
using Lepton.Compute;

namespace Lepton.Cli.Quickstart;

/// <summary>Finds what is wrong with the input while nothing has been started yet.</summary>
internal static class QuickstartInput
{
    /// <summary>Looks at the data's header, and whether every worker can have a row.</summary>
    /// <exception cref="UsageException">There are more workers than rows, or the report can't be written.</exception>
    public static void Check(QuickstartOptions options)
    {
        LabeledCsv.ReadNumberNames(options.Data, options.Label);

        // Tests run it with threads instead of workers.
        int rows = LabeledCsv.CountRows(options.Data, Math.Max(options.Workers, 1));
        if (rows > 0 && rows < options.Workers)
        {
            string has = rows == 1 ? "1 row" : string.Create(CultureInfo.InvariantCulture, $"{rows} rows");
            throw new UsageException(string.Create(
                CultureInfo.InvariantCulture,
                $"--workers is {options.Workers}, but {options.Data} has only {has}, so some would have " +
                $"nothing to do. Use --workers {Math.Min(rows, 3)} or give more data."),
                exitCode: ExitCodes.TooManyWorkers);
        }

        CheckFolder(options.ReportFolder);
    }

    private static void CheckFolder(string? folder)
    {
        try
        {
            if (folder is not null)
            {
                Directory.CreateDirectory(folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(
                $"--report is '{folder}', which can't be made a folder: {e.Message} Give a folder that can be " +
                    "written to.", e);
        }
    }
}
