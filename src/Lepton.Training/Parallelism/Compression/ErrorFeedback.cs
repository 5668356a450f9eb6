using Lepton.Torch;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>
/// What was left out so far, kept by parameters, and laid out as buckets ask for it: they are made anew after the first
/// step, and perhaps otherwise behind a checkpoint.
/// </summary>
internal sealed class ErrorFeedback(ExchangeLink link, IReadOnlyList<TrainedParameter> parameters) : IDisposable
{
    private const string Suffix = ".residual";
    private readonly Tensor?[] _pieces = new Tensor?[parameters.Count];
    private readonly List<Layout> _layouts = [];

    /// <summary>What was left out of a bucket's parameters, float32 [n], to be changed in place; 0 at first.</summary>
    public Tensor Of(ExchangeBucket bucket)
    {
        Layout? layout = _layouts.Find(known => known.Places.SequenceEqual(bucket.Places));
        if (layout is null)
        {
            layout = LayOut([.. bucket.Places]);
            _layouts.Add(layout);
        }

        return layout.Flat;
    }

    /// <summary>
    /// The mean of what all ranks left out: what matters of it, and no rank's own. All ranks call it.
    /// </summary>
    public void ExportInto(IDictionary<string, Tensor> state)
    {
        int[] known = [.. Enumerable.Range(0, _pieces.Length).Where(place => _pieces[place] is not null)];
        if (known.Length == 0)
        {
            return;
        }

        Tensor mean = Lepton.Torch.Torch.Cat([.. known.Select(place => _pieces[place]!)]);
        link.Average(mean);
        long start = 0;
        foreach (int place in known)
        {
            TrainedParameter parameter = parameters[place];
            state[parameter.Name + Suffix] = mean.Narrow(0, start, parameter.Elements).View(parameter.Shape);
            start += parameter.Elements;
        }
    }

    public void Import(IReadOnlyDictionary<string, Tensor> state)
    {
        for (int place = 0; place < _pieces.Length; place++)
        {
            if (state.TryGetValue(parameters[place].Name + Suffix, out Tensor? saved))
            {
                _pieces[place]?.Dispose();
                _pieces[place] = saved.CopyTo(DType.Float32, Device.Cpu).Reshape(-1).Persist();
            }
        }

        ForgetLayouts(static _ => true);
    }

    public void Dispose()
    {
        ForgetLayouts(static _ => true);
        foreach (Tensor? piece in _pieces)
        {
            piece?.Dispose();
        }
    }

    private Layout LayOut(int[] places)
    {
        ForgetLayouts(layout => layout.Places.Any(place => places.Contains(place)));
        Tensor flat = Lepton.Torch.Torch.Zeros([places.Sum(place => parameters[place].Elements)]).Persist();
        long start = 0;
        foreach (int place in places)
        {
            Tensor piece = flat.Narrow(0, start, parameters[place].Elements).Persist();
            if (_pieces[place] is { } before)
            {
                piece.CopyFrom(before);
                before.Dispose();
            }

            _pieces[place] = piece;
            start += parameters[place].Elements;
        }

        return new Layout(places, flat);
    }

    private void ForgetLayouts(Predicate<Layout> which)
    {
        // The pieces are views and keep the memory, until they are laid out anew.
        foreach (Layout layout in _layouts.FindAll(which))
        {
            layout.Flat.Dispose();
        }

        _layouts.RemoveAll(which);
    }

    private sealed record Layout(int[] Places, Tensor Flat);
}
