using Spectre.Console;

namespace Lepton.Cli.Quickstart;

/// <summary>Writes a result for people.</summary>
internal static class QuickstartText
{
    private const int ReasonsShownMax = 3;
    private const int TasksShownMax = 8;

    /// <summary>Writes it.</summary>
    public static void Write(QuickstartResult result, IAnsiConsole console)
    {
        string workers = result.Workers == 1 ? "1 worker" : Invariant($"{result.Workers} workers");
        string survived = result.Killed is null ? "" : ", one of which was killed on the way";
        console.WriteLine();
        console.WriteLine(Invariant(
            $"Learned {Path.GetFileName(result.Data)} ({result.Shape}) with {result.Model.Trees.Count} trees") +
            $" on {workers}{survived}.");
        console.WriteLine();
        WriteAccuracies(result, console);
        WriteMatrix(result, console);
        WriteWorkers(result, console);
        WriteRetries(result, console);
        string first = Invariant($"{result.SecondsToFirstTask:0.0} s");
        console.MarkupLine(
            Invariant($"[bold]Time[/]        {result.Seconds:0.0} s; the first task began after {first}"));

        // Paths go out as they are: a line break within would make them useless to copy.
        TextWriter plain = console.Profile.Out.Writer;
        plain.WriteLine($"Model       SHA-256 {result.Model.Sha256}");
        plain.WriteLine($"Event log   {result.Files.EventLog}");
        plain.WriteLine($"Trace       {result.Files.Trace}");
        plain.WriteLine($"Report      {result.Files.Report}");
    }

    private static void WriteAccuracies(QuickstartResult result, IAnsiConsole console)
    {
        string rows = Invariant($"{result.Test.Correct} of {result.Test.Total} rows it never saw");
        WriteAccuracy("Test accuracy", result.Test.Accuracy, rows);
        WriteAccuracy("Five-fold accuracy", result.CvAccuracy, Invariant($"± {result.CvDeviation * 100:0.0}"));
        console.WriteLine();

        void WriteAccuracy(string name, double share, string note) =>
            console.MarkupLine(Invariant($"[bold]{name}[/]") + new string(' ', 19 - name.Length) +
                Invariant($"[green]{share * 100,5:0.0} %[/]  {note}"));
    }

    private static void WriteMatrix(QuickstartResult result, IAnsiConsole console)
    {
        Table table = NewTable("Confusion matrix");
        table.AddColumn(new TableColumn("actual \\ predicted"));
        foreach (string name in result.ClassNames)
        {
            table.AddColumn(new TableColumn(Markup.Escape(name)).RightAligned());
        }

        for (int actual = 0; actual < result.ClassNames.Count; actual++)
        {
            int row = actual;
            IEnumerable<string> cells =
                result.ClassNames.Select((_, predicted) => Cell(result.Test[row, predicted], row == predicted));
            table.AddRow([Markup.Escape(result.ClassNames[row]), .. cells]);
        }

        console.Write(table);
    }

    private static string Cell(int count, bool isRight) =>
        count == 0 ? "[dim]0[/]" : Invariant($"[{(isRight ? "green" : "red")}]{count}[/]");

    private static void WriteWorkers(QuickstartResult result, IAnsiConsole console)
    {
        Table table = NewTable("Workers");
        table.AddColumn(new TableColumn("worker"));
        table.AddColumn(new TableColumn("tasks").RightAligned());
        table.AddColumn(new TableColumn(result.Killed is null ? "" : "what happened"));
        int number = 0;
        foreach ((string worker, long tasks) in result.Statistics.TasksByWorker)
        {
            number++;
            string note = worker == result.Killed ? "[red]killed with SIGKILL[/]"
                : number > result.Workers && result.Workers > 0 ? "took its place" : "";
            table.AddRow(Markup.Escape(worker), Invariant($"{tasks:N0}"), note);
        }

        console.Write(table);
    }

    private static void WriteRetries(QuickstartResult result, IAnsiConsole console)
    {
        long count = result.Statistics.RetryCount;
        string lost = Invariant($"workers lost: {result.Statistics.WorkersLost}");
        console.MarkupLine(Invariant($"[bold]Retries[/]     {count} of {result.Statistics.Tasks:N0} tasks; {lost}"));
        IEnumerable<IGrouping<string, string>> reasons = result.Statistics.Retries.GroupBy(Reason, TaskOf);
        foreach (IGrouping<string, string> reason in reasons.Take(ReasonsShownMax))
        {
            string[] tasks = [.. reason];
            string more = tasks.Length > TasksShownMax ? Invariant($" and {tasks.Length - TasksShownMax} more") : "";
            string shown = string.Join(", ", tasks.Take(TasksShownMax));
            console.Write(new Padder(new Text($"{shown}{more}: {reason.Key}"), new Padding(2, 0, 0, 0)));
        }

        console.WriteLine();
    }

    // A retry reads "task 2/9, attempt 0: why".
    private static string TaskOf(string retry) => retry.Split(',')[0];

    private static string Reason(string retry) => retry[(retry.IndexOf(": ", StringComparison.Ordinal) + 2)..];

    private static Table NewTable(string title) =>
        new()
        {
            Border = TableBorder.Rounded,
            Title = new TableTitle(title, new Style(decoration: Decoration.Bold)),
        };

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
