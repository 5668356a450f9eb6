using System.Globalization;

namespace Lepton.Learning;

/// <summary>How many randomly drawn features a tree looks at in each split. Source: scikit-learn
/// <c>max_features</c>.</summary>
/// <param name="Kind">What <paramref name="Value"/> means.</param>
/// <param name="Value">A count or a fraction; 0 for the other kinds.</param>
public readonly record struct MaxFeatures(MaxFeaturesKind Kind, double Value)
{
    /// <summary>All features.</summary>
    public static MaxFeatures All => default;

    /// <summary>The square root of the number of features, rounded down, at least 1.</summary>
    public static MaxFeatures Sqrt => new(MaxFeaturesKind.Sqrt, 0);

    /// <summary>The binary logarithm of the number of features, rounded down, at least 1.</summary>
    public static MaxFeatures Log2 => new(MaxFeaturesKind.Log2, 0);

    /// <summary>This many features, from 1 to all.</summary>
    public static MaxFeatures Count(int count) => new(MaxFeaturesKind.Count, count);

    /// <summary>This part of the features, above 0 and at most 1, rounded down, at least 1.</summary>
    public static MaxFeatures Fraction(double fraction) => new(MaxFeaturesKind.Fraction, fraction);

    /// <inheritdoc/>
    public override string ToString() => Kind is MaxFeaturesKind.Count or MaxFeaturesKind.Fraction
        ? string.Create(CultureInfo.InvariantCulture, $"{Kind}({Value})")
        : Kind.ToString();

    /// <summary>The count for a table of so many features; adds to the problems when there is none.</summary>
    internal int Resolve(int features, List<string> problems)
    {
        double wanted = Kind switch
        {
            MaxFeaturesKind.All => features,
            MaxFeaturesKind.Sqrt => Math.Max(1, Math.Floor(Math.Sqrt(features))),
            MaxFeaturesKind.Log2 => Math.Max(1, Math.Floor(Math.Log2(features))),
            MaxFeaturesKind.Count => Value,
            MaxFeaturesKind.Fraction when Value is > 0 and <= 1 => Math.Max(1, Math.Floor(Value * features)),
            _ => double.NaN,
        };
        if (wanted >= 1 && wanted <= features)
        {
            return (int)wanted;
        }

        problems.Add(
            $"MaxFeatures is {this}, expected All, Sqrt, Log2, Count(1 to {features}) or Fraction(above 0, to 1)");
        return features;
    }
}
