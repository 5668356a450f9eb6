using System.Globalization;
using System.Text.RegularExpressions;
using Lepton.Torch;
using Lepton.Torch.Distributed;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Parallelism.Compression;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism;

/// <summary>
/// Every rank has the whole model and a part of each batch; gradients are averaged while backward still runs. PyTorch's
/// <c>DistributedDataParallel</c>, on the same engine: c10d's reducer.
/// </summary>
/// <param name="group">The ranks; stays the caller's.</param>
/// <param name="options">Sizes of the buckets; null: PyTorch's.</param>
public sealed class DistributedDataParallel(ProcessGroup group, ReducerOptions? options = null) : IParallelism
{
    private Reducer? _reducer;
    private GradientCompression? _compression;
    private ExchangeThread? _exchange;
    private CompressionReport? _told;
    private string _gradients = "";
    private string[] _names = [];
    private long _gradientBytes;
    private long _exchanges;

    /// <inheritdoc/>
    public int Rank => group.Rank;

    /// <inheritdoc/>
    public int Size => group.Size;

    /// <summary>What compression did so far on this rank; null without one, or before the first step.</summary>
    public CompressionReport? Compression => _exchange?.Report;

    /// <summary>
    /// Bytes of gradients that this rank has sent. Sums count by the ring's bytes, 2 (n - 1) / n of a tensor, n being
    /// the ranks; where ranks share a machine they go through its memory.
    /// </summary>
    public long BytesSent => Compression?.BytesSent ?? _exchanges * (_gradientBytes * 2 * (Size - 1) / Size);

    /// <inheritdoc/>
    public void Compress(GradientCompression compression)
    {
        ArgumentNullException.ThrowIfNull(compression);
        string[] faults = [.. compression.Faults()];
        if (options?.FindUnused is true)
        {
            // The reducer sums, from backward's thread, which parameters were used, amid the exchange's collectives.
            faults = [.. faults, $"it does not go together with {nameof(ReducerOptions)}.{nameof(options.FindUnused)}"];
        }

        if (faults.Length > 0)
        {
            throw new ArgumentException($"The compression can't be used: {string.Join("; ", faults)}.");
        }

        _compression = _reducer is null ? compression : throw new InvalidOperationException(
            "A model is attached already, and its gradients are exchanged as they are. Compress before that.");
    }

    /// <inheritdoc/>
    public void Attach(Module model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (_reducer is not null)
        {
            throw new InvalidOperationException("A model is attached already; each needs a parallelism of its own.");
        }

        if (_compression is not null && model.Device.Kind != DeviceKind.Cpu)
        {
            throw new InvalidOperationException(
                $"The model is on {model.Device}, and gradients are compressed on the processor alone. Train without " +
                "compression, or on cpu.");
        }

        NamedParameter[] trained = [.. model.NamedParameters().Where(static named => named.Parameter.RequiresGrad)];
        _names = [.. trained.Select(static named => named.Name)];
        Tensor[] parameters = [.. trained.Select(static named => named.Parameter.Value)];
        _reducer = Reducer.Create(parameters, group, options, _names);
        Tensor[] state = [.. model.StateDict().Values];
        using (NoGrad())
        {
            group.BroadcastCoalesced(state);
        }

        if (_compression is not null)
        {
            var link = new ExchangeLink(group);
            _exchange = new ExchangeThread(link, _compression.Open(
                link, [.. trained.Select(static named => new TrainedParameter(
                    named.Name, named.Parameter.Shape.ToArray()))]));
            _reducer.SetHook(_exchange.Begin);
        }

        _gradientBytes = parameters.Sum(static parameter => parameter.ElementCount * parameter.DType.Bytes());
        _gradients = $"gradients of {trained.Length} parameters, " +
            $"{parameters.Sum(static parameter => parameter.ElementCount)} elements";
    }

    /// <inheritdoc/>
    public void ForwardBackward(int parts, Func<int, Tensor> forward)
    {
        try
        {
            PartLoop.Run(parts, forward, BeforeLastBackward);
        }
        catch (TorchException e) when (e is not CollectiveException && _exchange?.Fault is CollectiveException lost)
        {
            // Backward only has its words.
            throw new CollectiveException(lost.Fault, e.Message, e);
        }
        catch (TorchException e) when (e.Message.Contains("find_unused_parameters", StringComparison.Ordinal))
        {
            throw Unused(e);
        }
    }

    /// <inheritdoc/>
    public void Step(Optimizer optimizer, double? clipNorm)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        if (clipNorm is { } norm)
        {
            optimizer.ClipGradients(norm);
        }

        optimizer.Step();

        // The gradients are views of the reducer's buckets.
        optimizer.ZeroGradients(toNull: false);
    }

    /// <inheritdoc/>
    public void Sum(Span<double> values, string what) => group.SumInPlace(values);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> ExportState() =>
        _exchange?.Exchange.ExportState() ?? new Dictionary<string, Tensor>();

    /// <inheritdoc/>
    public void ImportState(IReadOnlyDictionary<string, Tensor> state) => _exchange?.Exchange.ImportState(state);

    /// <inheritdoc/>
    public void AddMetrics(IDictionary<string, double> metrics)
    {
        if (Compression is not { } now)
        {
            return;
        }

        CompressionReport before = _told ?? new CompressionReport(0, 0, 0, default, default);
        double steps = Math.Max(1, now.Steps - before.Steps);
        metrics["sent_bytes_per_step"] = (now.BytesSent - before.BytesSent) / steps;
        metrics["uncompressed_bytes_per_step"] = (now.BytesUncompressed - before.BytesUncompressed) / steps;
        metrics["compression_ms_per_step"] = (now.CompressionTime - before.CompressionTime).TotalMilliseconds / steps;
        metrics["exchange_ms_per_step"] = (now.ExchangeTime - before.ExchangeTime).TotalMilliseconds / steps;
        _told = now;
    }

    // libtorch's words are for Python's DistributedDataParallel.
    private InvalidOperationException Unused(TorchException found)
    {
        Match indices = Regex.Match(found.Message, @"did not receive grad for rank \d+:((?: \d+)+)");
        string names = indices.Success
            ? string.Join(", ", indices.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(static index => int.Parse(index, CultureInfo.InvariantCulture))
                .Select(index => index < _names.Length ? _names[index] : $"parameter {index}"))
            : "which ones libtorch does not say";
        return new InvalidOperationException(
            $"Parameters took no part in the loss of the last step on rank {Rank}: {names}. Other ranks wait for " +
            "their gradients. Have each take part in every step on every rank, freeze them (RequiresGrad), or give " +
            $"{nameof(DistributedDataParallel)} {nameof(ReducerOptions)} with {nameof(ReducerOptions.FindUnused)}, " +
            "which costs a walk through the graph in each step.",
            found);
    }

    /// <summary>Has the backward that follows reduce the gradients that it and those before it left.</summary>
    internal void BeforeLastBackward(Tensor output)
    {
        // The reducer's own collectives are started in native code, which tells nobody of them.
        group.OnStart?.Invoke(new CollectiveInfo(group.Started, "backward", Rank, _gradients));
        _reducer!.BeforeForward();
        _exchanges++;
        _reducer.BeforeBackward(output);
    }

    /// <summary>Frees the buckets; the gradients in them go with it.</summary>
    public void Dispose()
    {
        _reducer?.Dispose();
        _exchange?.Dispose();
    }
}
