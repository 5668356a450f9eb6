using Lepton.Torch;
using Lepton.Torch.Distributed;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism;

/// <summary>
/// Tensors from stage to stage. A header with dtype and shape goes ahead, so that parts may differ in size. Sends
/// return at once; <see cref="Flush"/> waits for them.
/// </summary>
/// <remarks>
/// A GPU's tensors go by the processor and Gloo: NCCL knows no tags, and has what two stages send each other at once
/// wait for each other.
/// </remarks>
internal sealed class StageLink(MeshAxis axis)
{
    /// <summary>What goes ahead of each tensor.</summary>
    public const int HeaderBytes = (2 + DimensionsMax) * sizeof(long);

    private const int DimensionsMax = 8;
    private const int TagsEach = 2;
    private readonly List<(Work Work, Tensor Tensor)> _sends = [];

    /// <summary>Sends a tensor; a receive of the same tag gets it.</summary>
    /// <param name="tensor">What to send.</param>
    /// <param name="stage">To whom.</param>
    /// <param name="tag">Its number among those under way between the two, from 0.</param>
    public void Send(Tensor tensor, int stage, int tag)
    {
        Tensor sent = tensor.Detach().To(Device.Cpu).Contiguous().Persist();
        long[] header = new long[2 + DimensionsMax];
        header[0] = (long)sent.DType;
        header[1] = sent.Dimensions;
        if (sent.Dimensions > DimensionsMax)
        {
            throw new InvalidOperationException(
                $"A stage's output has {sent.Dimensions} dimensions; {DimensionsMax} are sent at most.");
        }

        sent.Shape.CopyTo(header.AsSpan(2));
        Begin(From<long>(header).Persist(), stage, TagsEach * tag);
        Begin(sent, stage, (TagsEach * tag) + 1);
    }

    /// <summary>Receives a tensor of the thread's scope.</summary>
    /// <param name="stage">From whom.</param>
    /// <param name="tag">Its number, as the sender has it.</param>
    /// <param name="device">Where it is to lie.</param>
    public Tensor Receive(int stage, int tag, Device device)
    {
        Tensor header = Zeros([2 + DimensionsMax], DType.Int64);
        Await(header, stage, TagsEach * tag);
        long[] values = header.ToArray<long>();
        Tensor received = Empty(values.AsSpan(2, (int)values[1]), (DType)values[0]);
        Await(received, stage, (TagsEach * tag) + 1);
        return received.To(device);
    }

    /// <summary>Waits for all that was sent.</summary>
    public void Flush()
    {
        foreach ((Work work, Tensor tensor) in _sends)
        {
            work.Wait();
            work.Dispose();
            tensor.Dispose();
        }

        _sends.Clear();
    }

    private void Begin(Tensor tensor, int stage, int tag)
    {
        axis.CountSend(tensor.ElementCount * tensor.DType.Bytes());
        _sends.Add((axis.Group!.Send(tensor, stage, tag), tensor));
    }

    private void Await(Tensor tensor, int stage, int tag)
    {
        using Work work = axis.Group!.Receive(tensor, stage, tag);
        work.Wait();
    }
}
