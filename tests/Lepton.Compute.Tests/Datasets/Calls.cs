using System.Collections.Concurrent;

namespace Lepton.Compute.Tests.Datasets;

/// <summary>Counts what tasks do. They run as threads of this process, but with copies of what their functions
/// captured.</summary>
internal static class Calls
{
    private static readonly ConcurrentDictionary<string, int> s_counts = new(StringComparer.Ordinal);

    /// <summary>Counts a call and passes a value on.</summary>
    public static T Note<T>(string name, T value)
    {
        s_counts.AddOrUpdate(name, 1, (_, count) => count + 1);
        return value;
    }

    /// <summary>The calls under a name, which a test has for itself.</summary>
    public static int Of(string name) => s_counts.GetValueOrDefault(name);
}
