using System.Runtime.InteropServices;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>Exchanges the largest elements and their places; see <see cref="TopKCompression"/>.</summary>
internal sealed class TopKExchange(
    ExchangeLink link, IReadOnlyList<TrainedParameter> parameters, double fraction)
    : GatheredExchange(link, parameters)
{
    private const int TakenBytes = sizeof(int) + sizeof(float);

    protected override int BytesOf(int elements) => (int)Math.Max(1, elements * fraction) * TakenBytes;

    // All places come first, then all values.
    protected override void Encode(Span<float> elements, Span<byte> code) => TopKSelection.Take(
        elements, MemoryMarshal.Cast<byte, int>(code[..(code.Length / 2)]),
        MemoryMarshal.Cast<byte, float>(code[(code.Length / 2)..]));

    protected override void AddTo(Span<float> mean, Span<byte> code, int ranks)
    {
        ReadOnlySpan<int> places = MemoryMarshal.Cast<byte, int>(code[..(code.Length / 2)]);
        ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(code[(code.Length / 2)..]);
        for (int i = 0; i < places.Length; i++)
        {
            mean[places[i]] += values[i] / ranks;
        }
    }
}
