namespace Lepton.Training.Parallelism.Compression;

/// <summary>Exchanges signs and the magnitudes of blocks; see <see cref="SignCompression"/>.</summary>
internal sealed class SignExchange(
    ExchangeLink link, IReadOnlyList<TrainedParameter> parameters, int blockElements)
    : GatheredExchange(link, parameters)
{
    private readonly SignCode _code = new(blockElements);

    protected override int BytesOf(int elements) => _code.BytesOf(elements);

    protected override void Encode(Span<float> elements, Span<byte> code) => _code.Encode(elements, code);

    protected override void AddTo(Span<float> mean, Span<byte> code, int ranks) =>
        _code.AddTo(mean, code, 1f / ranks);
}
