using Lepton.Torch;
using Lepton.Torch.Modules;

/// <summary>Gives what it gets, until it hangs.</summary>
/// <param name="at">In which forward, from 1, or in whose backward; 0: never.</param>
/// <param name="isInBackward">Whether in backward.</param>
internal sealed class HangingLayer(int at = 0, bool isInBackward = false) : Module<Tensor, Tensor>
{
    private int _forwards;

    public override Tensor Forward(Tensor input)
    {
        if (++_forwards != at)
        {
            return input;
        }

        if (!isInBackward)
        {
            Hang();
        }

        Tensor same = input.Alias();
        same.AddGradientHook(static _ => Hang());
        return same;
    }

    private static Tensor Hang()
    {
        new ManualResetEventSlim().Wait();
        throw new InvalidOperationException("nobody ends a hang");
    }
}
