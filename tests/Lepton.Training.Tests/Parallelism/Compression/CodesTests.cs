using Lepton.Core.Randomness;
using Lepton.Torch;
using Lepton.Training.Parallelism.Compression;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Tests.Parallelism.Compression;

public sealed class CodesTests : TrainingTest
{
    [Theory]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(5000)]
    public void Encode_Halves_RoundToTheNearest(int elements)
    {
        using var scope = new TensorScope();
        Tensor values = Values(elements);

        AssertWithin(values, RoundTrip(new HalfCode(DType.Float16), values), static value => Math.Abs(value) / 2048);
        AssertWithin(values, RoundTrip(new HalfCode(DType.BFloat16), values), static value => Math.Abs(value) / 256);
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(511, 64)]
    [InlineData(5000, 512)]
    public void Encode_Int8_OffByHalfAScaleAtMost(int elements, int block)
    {
        using var scope = new TensorScope();
        Tensor values = Values(elements);

        float[] given = values.ToArray<float>();
        float[] got = RoundTrip(new Int8Code(block), values).ToArray<float>();

        for (int i = 0; i < elements; i++)
        {
            float largest = given.AsSpan(i / block * block, Math.Min(block, elements - (i / block * block))).ToArray()
                .Max(MathF.Abs);
            Assert.InRange(Math.Abs(given[i] - got[i]), 0, (largest / 254 * 1.0001) + 1e-30);
        }
    }

    [Fact]
    public void Encode_Int8OfNothingTinyOrNotANumber_StaysSo()
    {
        using var scope = new TensorScope();
        var code = new Int8Code(8);

        Assert.Equal([0, 0], RoundTrip(code, From<float>(0f, 0f)).ToArray<float>());
        Assert.All(
            RoundTrip(code, From<float>(1e-42f, -1e-44f)).ToArray<float>(),
            static value => Assert.InRange(value, -1e-41f, 1e-41f));
        Assert.Contains(RoundTrip(code, From<float>(1f, float.NaN)).ToArray<float>(), float.IsNaN);
    }

    [Theory]
    [InlineData(3, 8)]
    [InlineData(64, 64)]
    [InlineData(5001, 1024)]
    public void Encode_Signs_SentAndLeftAreAll(int elements, int block)
    {
        using var scope = new TensorScope();
        float[] values = Values(elements).ToArray<float>();
        float[] left = [.. values];
        var code = new SignCode(block);
        byte[] bytes = new byte[code.BytesOf(elements)];

        code.Encode(left, bytes);
        float[] sent = new float[elements];
        code.AddTo(sent, bytes, 1);

        Assert.Equal((((elements + block - 1) / block) * 4) + ((elements + 7) / 8), bytes.Length);
        for (int start = 0; start < elements; start += block)
        {
            int end = Math.Min(elements, start + block);
            double mean = values[start..end].Average(static value => Math.Abs((double)value));
            for (int i = start; i < end; i++)
            {
                Assert.Equal(mean, Math.Abs(sent[i]), 1e-5 * mean);
                Assert.True(Math.Sign(sent[i]) == Math.Sign(values[i]) || values[i] == 0);
                Assert.Equal(values[i], sent[i] + left[i], 1e-6 * (mean + Math.Abs(values[i])));
            }
        }
    }

    [Theory]
    [InlineData(40, 4, 4)]
    [InlineData(40, 4, 2)]
    [InlineData(40, 4, 0)]
    [InlineData(5, 5, 3)]
    public void Orthonormalize_MatrixOfAnyRank_ColumnsAreOrthonormalAndSpanIt(int rows, int columns, int rank)
    {
        using var scope = new TensorScope();
        ManualSeed(3);
        Tensor original = rank == 0 ? Zeros([rows, columns]) : Randn([rows, rank]).Mm(Randn([rank, columns]));
        float[] matrix = original.ToArray<float>();

        GramSchmidt.Orthonormalize(matrix, columns, 5);

        Tensor q = From<float>(matrix, rows, columns);
        Assert.True(q.T().Mm(q).AllClose(Eye(columns), 1e-5, 1e-5));
        Assert.True(q.Mm(q.T()).Mm(original).AllClose(original, 1e-4, 1e-4));
    }

    private static Tensor Values(int elements)
    {
        var random = new SeededRandom((ulong)elements);
        float[] values = [.. Enumerable.Range(0, elements).Select(
            _ => (float)(random.NextGaussian() * Math.Pow(10, random.NextInt32(-3, 3))))];
        return From<float>(values);
    }

    private static Tensor RoundTrip(IElementCode code, Tensor values)
    {
        Tensor bytes = Zeros([code.BytesOf(values.ElementCount)], DType.UInt8);
        code.Encode(values, bytes);
        Tensor back = Empty([values.ElementCount]);
        code.Decode(bytes, back);
        return back;
    }

    private static void AssertWithin(Tensor expected, Tensor actual, Func<float, double> bound)
    {
        foreach ((float value, float got) in expected.ToArray<float>().Zip(actual.ToArray<float>()))
        {
            Assert.InRange(Math.Abs(value - got), 0, bound(value) + 6e-8);
        }
    }
}
