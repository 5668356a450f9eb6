namespace Imbalance;

/// <summary>Makes some digits rare, and the two ways to make up for it.</summary>
internal static class RareDigits
{
    /// <summary>The first digit that is rare; so are those above it.</summary>
    public const int First = 5;

    private const int Digits = 10;

    /// <summary>The places of all frequent digits, and of each so-manieth rare one.</summary>
    /// <param name="labels">What the images show.</param>
    /// <param name="part">Which part of the rare ones stays, above 0 and at most 1.</param>
    public static long[] Keep(byte[] labels, double part)
    {
        int[] seen = new int[Digits];
        return
        [
            .. Enumerable.Range(0, labels.Length)
                .Where(place => labels[place] < First || seen[labels[place]]++ % (int)Math.Round(1 / part) == 0)
                .Select(static place => (long)place),
        ];
    }

    /// <summary>For each digit samples / (digits × its samples), scikit-learn's "balanced".</summary>
    public static float[] Weights(byte[] labels) =>
        [.. Counts(labels).Select(count => labels.Length / (float)(Digits * count))];

    /// <summary>Places with repetitions, so that every digit is about as frequent as the most frequent one.</summary>
    public static long[] Repeat(byte[] labels)
    {
        int[] counts = Counts(labels);
        int most = counts.Max();
        return
        [
            .. Enumerable.Range(0, labels.Length).SelectMany(place => Enumerable.Repeat(
                (long)place, (int)Math.Round(most / (double)counts[labels[place]]))),
        ];
    }

    private static int[] Counts(byte[] labels)
    {
        int[] counts = new int[Digits];
        foreach (byte label in labels)
        {
            counts[label]++;
        }

        return counts;
    }
}
