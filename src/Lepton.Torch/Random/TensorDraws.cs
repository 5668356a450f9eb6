using Lepton.Torch.Errors;
using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>Random numbers into tensors; a missing generator is the device's own. All give the same tensor.</summary>
public static class TensorDraws
{
    private const int Uniform = 0;
    private const int Normal = 1;
    private const int Bernoulli = 2;
    private const int Exponential = 3;
    private const int Integers = 4;

    /// <summary>Numbers from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public static Tensor UniformInPlace(
        this Tensor tensor, double low = 0, double high = 1, Generator? generator = null) =>
        Draw(Uniform, "aten::uniform_", tensor, low, high, generator);

    /// <summary>Numbers of a normal distribution.</summary>
    public static Tensor NormalInPlace(
        this Tensor tensor, double mean = 0, double deviation = 1, Generator? generator = null) =>
        Draw(Normal, "aten::normal_", tensor, mean, deviation, generator);

    /// <summary>1 with a probability, 0 otherwise.</summary>
    public static Tensor BernoulliInPlace(this Tensor tensor, double probability, Generator? generator = null) =>
        Draw(Bernoulli, "aten::bernoulli_", tensor, probability, 0, generator);

    /// <summary>Numbers of an exponential distribution.</summary>
    public static Tensor ExponentialInPlace(this Tensor tensor, double rate = 1, Generator? generator = null) =>
        Draw(Exponential, "aten::exponential_", tensor, rate, 0, generator);

    /// <summary>Integers from <paramref name="low"/> up to, not including, <paramref name="high"/>.</summary>
    public static Tensor RandomInPlace(this Tensor tensor, long low, long high, Generator? generator = null) =>
        Draw(Integers, "aten::random_", tensor, low, high, generator);

    private static Tensor Draw(int kind, string operatorName, Tensor tensor, double a, double b, Generator? generator)
    {
        int status = NativeRandom.RandomInPlace(kind, tensor.Handle, a, b, generator?.Handle ?? 0);
        if (status != 0)
        {
            TorchFailure.Throw(status, operatorName, tensor);
        }

        GC.KeepAlive(tensor);
        GC.KeepAlive(generator);
        return tensor;
    }
}
