using System.Globalization;
using Lepton.Torch.Errors;
using Lepton.Torch.Native;

namespace Lepton.Torch.Autograd;

/// <summary>The first operator of a computation that gave NaN or an infinite number.</summary>
/// <param name="Name">The operator, such as <c>aten::log</c>.</param>
/// <param name="Number">Which one it was of those that ended, from 1.</param>
/// <param name="Result">The dtype and shape of what it gave, such as <c>float32[32, 10]</c>.</param>
public sealed record NotFiniteOperator(string Name, long Number, string Result)
{
    internal static unsafe NotFiniteOperator? Find(Action body)
    {
        ArgumentNullException.ThrowIfNull(body);
        TorchFailure.Check(NativeAutograd.NotFiniteBegin(), "the search for what is not finite");
        string? text;
        try
        {
            body();
        }
        finally
        {
            TorchFailure.Check(NativeAutograd.NotFiniteEnd(out byte* found), "the search for what is not finite");
            text = NativeText.Taken(found);
        }

        if (text is null)
        {
            return null;
        }

        string[] words = text.Split('\t');
        var dtype = (DType)int.Parse(words[2], CultureInfo.InvariantCulture);
        return new NotFiniteOperator(
            words[0], long.Parse(words[1], CultureInfo.InvariantCulture), dtype.Name() + words[3]);
    }
}
