namespace Lepton.Torch.Modules;

/// <summary>
/// Mean 0 and variance 1 for each sample's groups of channels, then a learned weight and bias: PyTorch's
/// <c>nn.GroupNorm</c>. State: <c>weight</c> and <c>bias</c> [channels].
/// </summary>
public sealed class GroupNorm : Module<Tensor, Tensor>
{
    private readonly long _groups;
    private readonly double _epsilon;

    /// <param name="groups">How many groups there are.</param>
    /// <param name="channels">How many channels, a multiple of the groups.</param>
    /// <param name="epsilon">What is added to the variance.</param>
    /// <param name="isAffine">Whether weight and bias are learned.</param>
    public GroupNorm(long groups, long channels, double epsilon = 1e-5, bool isAffine = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        if (channels < 1 || channels % groups != 0)
        {
            throw new ArgumentException(
                $"{channels} channels can't be divided into {groups} groups.", nameof(channels));
        }

        _groups = groups;
        _epsilon = epsilon;
        Weight = isAffine ? new Parameter(Torch.Ones([channels])) : null;
        Bias = isAffine ? new Parameter(Torch.Zeros([channels])) : null;
    }

    /// <summary>[channels]; null where it is not affine.</summary>
    public Parameter? Weight { get; }

    /// <summary>[channels]; null where it is not affine.</summary>
    public Parameter? Bias { get; }

    /// <summary>[n, channels, ..].</summary>
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.GroupNorm(input, _groups, Weight, Bias, _epsilon);
}
