namespace Lepton.Compute.Formats;

/// <summary>Finds the name that was probably meant, for error messages.</summary>
public static class NearestName
{
    /// <summary>
    /// The one of <paramref name="names"/> with the smallest edit distance to <paramref name="wanted"/> (case ignored),
    /// or null when none is near: more than a third of the wanted name, and more than two letters, would have to
    /// change. Of equally near names the first in ordinal order.
    /// </summary>
    public static string? Find(string wanted, IEnumerable<string> names)
    {
        string? best = null;
        int bestDistance = Math.Max(2, wanted.Length / 3) + 1;
        foreach (string name in names.Order(StringComparer.Ordinal))
        {
            int distance = Distance(wanted.ToUpperInvariant(), name.ToUpperInvariant());
            if (distance < bestDistance && distance < wanted.Length)
            {
                (best, bestDistance) = (name, distance);
            }
        }

        return best;
    }

    /// <summary>
    /// Levenshtein's distance: the insertions, deletions and changes of one character that turn one into the other.
    /// </summary>
    public static int Distance(string from, string to)
    {
        int[] above = new int[to.Length + 1];
        int[] row = new int[to.Length + 1];
        for (int column = 0; column <= to.Length; column++)
        {
            above[column] = column;
        }

        for (int line = 1; line <= from.Length; line++)
        {
            row[0] = line;
            for (int column = 1; column <= to.Length; column++)
            {
                int change = above[column - 1] + (from[line - 1] == to[column - 1] ? 0 : 1);
                row[column] = Math.Min(change, Math.Min(above[column], row[column - 1]) + 1);
            }

            (above, row) = (row, above);
        }

        return above[to.Length];
    }
}
