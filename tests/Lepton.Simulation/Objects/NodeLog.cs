using Microsoft.Extensions.Logging;

namespace Lepton.Simulation.Objects;

/// <summary>What a node logs becomes part of the story.</summary>
internal sealed class NodeLog(ObjectNode node) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => node.Cluster.Story is not null;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        node.Cluster.Note($"{node.Name} logs: {formatter(state, exception)}");
}
