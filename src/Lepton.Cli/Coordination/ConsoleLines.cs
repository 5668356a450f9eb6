using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Lepton.Cli.Coordination;

/// <summary>Writes logs to standard error, one line each: time, level, text.</summary>
internal sealed class ConsoleLines(TimeProvider timeProvider) : ILoggerProvider
{
    private readonly Lock _gate = new();

    public ILogger CreateLogger(string categoryName) => new Lines(this);

    public void Dispose()
    {
        // Standard error is the process's.
    }

    private void Write(LogLevel level, string text, Exception? fault)
    {
        string line = string.Create(CultureInfo.InvariantCulture,
            $"{timeProvider.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {Name(level)} " +
                $"{text}{(fault is null ? "" : $" {fault}")}");
        lock (_gate)
        {
            Console.Error.WriteLine(line);
        }
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error or LogLevel.Critical => "error",
        _ => "debug",
    };

    private sealed class Lines(ConsoleLines owner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => owner.Write(logLevel, formatter(state, exception),
                exception);
    }
}
