using Lepton.Raft.Membership;

namespace Lepton.Coordination.Hosting;

/// <summary>The members that a cluster begins with, as <c>--initial-cluster</c> names them.</summary>
internal static class InitialCluster
{
    /// <summary>Reads <c>NAME=URL,NAME=URL</c>; a name that comes again has another URL.</summary>
    /// <param name="text">The text.</param>
    /// <param name="token">The cluster's token, which is part of the members' ids.</param>
    /// <param name="errors">Gets what is wrong.</param>
    /// <returns>The members in ascending order of their ids.</returns>
    public static IReadOnlyList<Member> Parse(string text, string token, List<string> errors)
    {
        SortedDictionary<string, List<string>> byName = new(StringComparer.Ordinal);
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                errors.Add($"--initial-cluster: '{part}' is no NAME=URL, such as n1=http://127.0.0.1:2380.");
                continue;
            }

            string url = part[(equals + 1)..];
            if (ListenUrl.Fault(url) is { } fault)
            {
                errors.Add($"--initial-cluster: {fault}");
                continue;
            }

            if (!byName.TryGetValue(part[..equals], out List<string>? urls))
            {
                byName.Add(part[..equals], urls = []);
            }

            urls.Add(url);
        }

        foreach (string url in byName.Values.SelectMany(static urls => urls)
            .GroupBy(static url => url).Where(static same => same.Count() > 1).Select(static same => same.Key))
        {
            errors.Add($"--initial-cluster: {url} is given to two members; each needs a peer URL of its own.");
        }

        return [.. byName
            .Select(pair => new Member(ClusterIds.Member(pair.Value, token), pair.Key, pair.Value))
            .OrderBy(static member => member.Id)];
    }
}
