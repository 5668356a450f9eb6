using System.Globalization;
using Lepton.Torch.Serialization;

namespace Lepton.Torch.Optimizers;

/// <summary>
/// What an optimizer remembers, by the names of the parameters, whoever holds them: parts from several processes put
/// together are the whole, and a process takes from the whole what it needs.
/// </summary>
/// <param name="Tensors">
/// By parameter and PyTorch's name of what it is, such as <c>layers.0.weight.exp_avg</c>.
/// </param>
/// <param name="Numbers">
/// The steps of each parameter, <c>layers.0.weight.step</c>, and each group's rates,
/// <c>groups.0.learning_rate</c> and <c>groups.0.momentum</c>.
/// </param>
public sealed record OptimizerState(
    IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, double> Numbers)
{
    /// <summary>Saves it to a safetensors file, the numbers as its metadata; whole or not at all.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public void Save(string path) => Safetensors.Save(
        path, Tensors,
        Numbers.ToDictionary(
            static number => number.Key,
            static number => number.Value.ToString("R", CultureInfo.InvariantCulture)));

    /// <summary>Reads one that was saved; its tensors belong to the caller's scope.</summary>
    /// <exception cref="SafetensorsException">
    /// It is no safetensors file, a damaged one, or no optimizer's state.
    /// </exception>
    public static OptimizerState Load(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        var numbers = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach ((string name, string text) in file.Metadata)
        {
            numbers[name] = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                ? number
                : throw new SafetensorsException(
                    path, $"'{name}' in its metadata is '{text}', not a number: it is no optimizer's state",
                    "Give the file that OptimizerState.Save wrote.");
        }

        return new OptimizerState(Safetensors.Load(path), numbers);
    }
}
