using Lepton.Torch;

namespace Lepton.Training.Parallelism;

/// <summary>
/// A stage's step: receives, computes and sends in the schedule's order. Between a part's forward and backward it holds
/// the part's input and output; what backward needs beyond them, autograd holds.
/// </summary>
internal sealed class StageRunner(Pipeline stage, PipelineScheduleKind kind, DistributedDataParallel? data)
{
    private readonly Dictionary<int, (Tensor? Input, Tensor Output)> _held = [];
    private readonly StageLink _link = stage.Link!;
    private readonly Device _device = stage.Device;

    public void Run(int parts, Func<int, Tensor> forward)
    {
        try
        {
            foreach (PipelineAction action in PipelineSchedule.Of(kind, stage.Axis.Rank, stage.Axis.Size, parts))
            {
                using var scope = new TensorScope();
                if (action.IsForward)
                {
                    Forward(action.Part, forward);
                }
                else
                {
                    Backward(action.Part, parts);
                }
            }

            _link.Flush();
        }
        finally
        {
            // None, unless it was cut off.
            foreach (int part in _held.Keys)
            {
                Free(part);
            }
        }
    }

    private void Forward(int part, Func<int, Tensor> forward)
    {
        Tensor? input = null;
        if (!stage.IsFirst)
        {
            input = _link.Receive(stage.Axis.Rank - 1, part, _device).Persist();
            input.RequiresGrad = input.DType.IsFloatingPoint();
        }

        stage.Incoming = input;
        Tensor output = forward(part);
        stage.Incoming = null;
        if (!stage.IsLast)
        {
            _link.Send(output, stage.Axis.Rank + 1, part);
        }

        _held.Add(part, (input, output.Persist()));
    }

    private void Backward(int part, int parts)
    {
        (Tensor? input, Tensor output) = _held[part];
        Tensor? gradient = stage.IsLast ? null : _link.Receive(stage.Axis.Rank + 1, part, _device);
        if (part == parts - 1)
        {
            data?.BeforeLastBackward(output);
        }

        output.Backward(gradient);
        if (input is not null)
        {
            _link.Send(
                input.Grad ?? throw new InvalidOperationException(
                    "A stage's output does not depend on its input: nothing could be trained before it."),
                stage.Axis.Rank - 1, part);
        }

        Free(part);
        _held.Remove(part);
    }

    private void Free(int part)
    {
        (Tensor? input, Tensor output) = _held[part];
        input?.Dispose();
        output.Dispose();
    }
}
