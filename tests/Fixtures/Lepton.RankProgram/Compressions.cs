using Lepton.Training.Parallelism.Compression;

/// <summary>Compressions of gradients by their names.</summary>
internal static class Compressions
{
    public static GradientCompression? Of(string name) => name switch
    {
        "float16" => new Float16Compression(),
        "bfloat16" => new BFloat16Compression(),
        "int8" => new Int8Compression(),
        "top-k" => new TopKCompression { Fraction = 0.05 },
        "sign" => new SignCompression(),
        "power" => new PowerSgdCompression(),
        _ => null,
    };
}
