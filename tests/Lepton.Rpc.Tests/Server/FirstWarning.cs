using Microsoft.Extensions.Logging;

namespace Lepton.Rpc.Tests.Server;

/// <summary>A log of which the first warning is wanted.</summary>
internal sealed class FirstWarning : ILoggerFactory, ILogger
{
    private readonly TaskCompletionSource<string> _text = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> Text => _text.Task;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _text.TrySetResult(formatter(state, exception));
        }
    }

    public void Dispose()
    {
    }
}
