using Lepton.Objects;

namespace Lepton.Compute.Formats;

/// <summary>
/// The object store that this process reads and writes: the one of its environment, which workers have from the program
/// that starts them. Its key is in no plan and in no message.
/// </summary>
internal static class ProcessStore
{
    // A failure is not kept: whoever asks next may have set the variables.
    private static readonly Lazy<ObjectClient> s_client = new(
        ObjectClient.FromEnvironment, LazyThreadSafetyMode.PublicationOnly);

    /// <summary>Asks it, and waits on this thread, which is a task's or a plan's.</summary>
    /// <param name="url">What it is about.</param>
    /// <param name="ask">Asks.</param>
    /// <exception cref="SourceException">It refuses.</exception>
    /// <exception cref="ObjectException">It fails, which may pass.</exception>
    public static T Ask<T>(ObjectUrl url, Func<ObjectClient, Task<T>> ask) =>
        AskAsync(url, ask).GetAwaiter().GetResult();

    /// <inheritdoc cref="Ask"/>
    public static async Task<T> AskAsync<T>(ObjectUrl url, Func<ObjectClient, Task<T>> ask)
    {
        try
        {
            return await ask(s_client.Value).ConfigureAwait(false);
        }
        catch (ObjectException e)
        {
            throw StoreRefusedException.Of(url, e);
        }
    }

    /// <summary>Does something with it that reads or writes on this thread.</summary>
    /// <inheritdoc cref="Ask"/>
    public static T Use<T>(ObjectUrl url, Func<ObjectClient, T> use)
    {
        try
        {
            return use(s_client.Value);
        }
        catch (ObjectException e)
        {
            throw StoreRefusedException.Of(url, e);
        }
    }
}
