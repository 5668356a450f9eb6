using Lepton.Core.Randomness;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>
/// Makes the columns of a tall, thin matrix orthonormal, by the modified Gram-Schmidt process: the same bits on every
/// machine. Pure.
/// </summary>
internal static class GramSchmidt
{
    private const double LeftOverMin = 1e-6;

    /// <summary>
    /// Changes a matrix in place. A column that the ones before it span already, as that of a gradient of lower rank,
    /// is replaced by a direction from the seed.
    /// </summary>
    /// <param name="matrix">Row by row, not fewer rows than columns.</param>
    /// <param name="columns">How many columns.</param>
    /// <param name="seed">Where directions come from.</param>
    public static void Orthonormalize(Span<float> matrix, int columns, ulong seed)
    {
        for (int column = 0; column < columns; column++)
        {
            double before = Norm(matrix, columns, column);
            double left = Project(matrix, columns, column);
            if (!(left > LeftOverMin * before))
            {
                // A direction that is almost surely not spanned.
                var random = new SeededRandom(SeededRandom.DeriveSeed(seed, (ulong)column));
                for (int i = column; i < matrix.Length; i += columns)
                {
                    matrix[i] = (float)(random.NextDouble() - 0.5);
                }

                Project(matrix, columns, column);
            }

            // Twice, as the first time leaves rounding behind where little was left.
            Normalize(matrix, columns, column);
            Project(matrix, columns, column);
            Normalize(matrix, columns, column);
        }
    }

    // Takes the columns before out of one, and gives the norm of what is left.
    private static double Project(Span<float> matrix, int columns, int column)
    {
        for (int other = 0; other < column; other++)
        {
            double along = Dot(matrix, columns, column, other);
            for (int row = 0; row < matrix.Length; row += columns)
            {
                matrix[row + column] = (float)(matrix[row + column] - (along * matrix[row + other]));
            }
        }

        return Norm(matrix, columns, column);
    }

    private static void Normalize(Span<float> matrix, int columns, int column)
    {
        double factor = 1 / Norm(matrix, columns, column);
        for (int i = column; i < matrix.Length; i += columns)
        {
            matrix[i] = (float)(matrix[i] * factor);
        }
    }

    private static double Norm(ReadOnlySpan<float> matrix, int columns, int column) =>
        Math.Sqrt(Dot(matrix, columns, column, column));

    private static double Dot(ReadOnlySpan<float> matrix, int columns, int first, int second)
    {
        double sum = 0;
        for (int row = 0; row < matrix.Length; row += columns)
        {
            sum += (double)matrix[row + first] * matrix[row + second];
        }

        return sum;
    }
}
