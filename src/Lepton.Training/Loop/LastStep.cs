using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Checkpoints;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Loop;

/// <summary>
/// This rank's last whole step, which is its model and optimizer as they stand, but for the buffers that a forward
/// changes before the step is done: those are copied.
/// </summary>
internal sealed class LastStep : IDisposable
{
    private readonly HeldSteps _held;
    private readonly int _round;
    private readonly Module _model;
    private readonly (Tensor Value, Tensor Copy)[] _buffers;
    private bool _isWhole = true;
    private bool _isForwarding;

    public LastStep(HeldSteps held, int round, Module model)
    {
        _held = held;
        _round = round;
        _model = model;
        _buffers = [.. model.NamedBuffers().Select(static named =>
            (named.Buffer.Value, named.Buffer.Value.CopyTo().Persist()))];
    }

    /// <summary>A step begins.</summary>
    public void Keep()
    {
        Copy(static buffer => (buffer.Copy, buffer.Value));
        _isForwarding = true;
    }

    /// <summary>The optimizer begins to change parameters.</summary>
    public void Changes() => _isWhole = false;

    /// <summary>The step is done.</summary>
    public void IsWhole() => (_isWhole, _isForwarding) = (true, false);

    /// <summary>
    /// Leaves the step, as another rank has failed. What goes wrong with that is told, and is no failure of its own:
    /// training goes on from the last checkpoint then.
    /// </summary>
    public void Hold(Optimizer optimizer, Func<OptimizerState, CheckpointManifest> manifestOf)
    {
        if (!_isWhole)
        {
            return;
        }

        try
        {
            if (_model.Device is { Kind: DeviceKind.Cuda } gpu)
            {
                // What made this step may still be under way there, or have failed: that shows here, and nothing is
                // held then.
                CudaDevices.Synchronize(gpu.Index);
            }

            if (_isForwarding)
            {
                Copy(static buffer => (buffer.Value, buffer.Copy));
            }

            if (FiniteParameters.FirstBad(_model) is { } bad)
            {
                // Others may have a good one, and the last checkpoint is.
                Console.Error.WriteLine($"The last step is not held in memory, as {bad}, of the model is not finite.");
                return;
            }

            OptimizerState state = optimizer.ExportState();
            _held.Hold(manifestOf(state), TrainingState.Tensors(_model, state), _round);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TorchException)
        {
            Console.Error.WriteLine(
                $"The last step could not be held in memory ({e.Message}), so training goes on from the last " +
                "checkpoint.");
        }
    }

    public void Dispose()
    {
        foreach ((Tensor _, Tensor copy) in _buffers)
        {
            copy.Dispose();
        }
    }

    private void Copy(Func<(Tensor Value, Tensor Copy), (Tensor To, Tensor From)> direction)
    {
        using var noGrad = NoGrad();
        foreach ((Tensor, Tensor) buffer in _buffers)
        {
            (Tensor to, Tensor from) = direction(buffer);
            to.CopyFrom(from);
        }
    }
}
