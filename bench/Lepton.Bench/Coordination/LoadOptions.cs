namespace Lepton.Bench.Coordination;

/// <summary>How a server is loaded: connections, requests in flight on each, and for how long.</summary>
internal sealed record LoadOptions(int Connections, int InFlightEach, long Seconds, long WarmUpSeconds)
{
    public const int ValueBytes = 256;

    public int InFlight => Connections * InFlightEach;

    public byte[] Value { get; } = [.. Enumerable.Repeat((byte)'v', ValueBytes)];

    public static LoadOptions From(Arguments arguments)
    {
        arguments.AllowOnly(["connections", "in-flight-each", "seconds", "warm-up-seconds", .. ServerProgram.Options]);
        return new LoadOptions(
            (int)arguments.Number("connections"), (int)arguments.Number("in-flight-each"), arguments.Number("seconds"),
            arguments.Number("warm-up-seconds"));
    }

    public Task<LoadResult> WarmUpAsync(LoadGenerator load) =>
        load.RunAsync(Connections, InFlightEach, WarmUpSeconds);

    public Task<LoadResult> RunAsync(LoadGenerator load) => load.RunAsync(Connections, InFlightEach, Seconds);
}
