using System.Security.Authentication;
using Lepton.Coordination.Client;
using Lepton.Storage.Metadata;
using Microsoft.Extensions.Logging;

namespace Lepton.Storage.Hosting;

/// <summary>
/// Waits for a coordination store that is not up yet, as where all are started at once; for so long, and no longer.
/// </summary>
internal sealed class CoordinationWait(
    CoordinationClient client, TimeSpan timeMax, TimeProvider timeProvider, ILogger logger)
{
    private static readonly TimeSpan s_attemptTimeMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_telling = TimeSpan.FromSeconds(10);

    /// <summary>Returns when the store answers.</summary>
    /// <exception cref="CoordinationException">It did not in that time, or what it answers will not get
    /// better.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        long begun = timeProvider.GetTimestamp();
        long? toldAt = null;
        while (true)
        {
            try
            {
                await client.GetAsync(
                    MetadataKeys.Store, new RangeOptions { Timeout = s_attemptTimeMax }, cancellationToken)
                    .ConfigureAwait(false);
                return;
            }
            catch (CoordinationException e) when (MayPass(e) && timeProvider.GetElapsedTime(begun) < timeMax)
            {
                if (toldAt is not { } told || timeProvider.GetElapsedTime(told) >= s_telling)
                {
                    toldAt = timeProvider.GetTimestamp();
                    StorageLog.CoordinationAwaited(
                        logger, e.Endpoint, (int)(timeMax - timeProvider.GetElapsedTime(begun)).TotalSeconds,
                        e.Message);
                }
            }

            await Task.Delay(s_pause, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A server that is not trusted is there, and will not be another one soon.</summary>
    private static bool MayPass(CoordinationException e)
    {
        for (Exception? cause = e; cause is not null; cause = cause.InnerException)
        {
            if (cause is AuthenticationException)
            {
                return false;
            }
        }

        return e.Failure is CoordinationFailure.Unavailable or CoordinationFailure.DeadlineExceeded;
    }
}
