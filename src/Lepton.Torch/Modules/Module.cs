using Lepton.Torch.Serialization;

namespace Lepton.Torch.Modules;

/// <summary>
/// A part of a neural network, or a whole one: PyTorch's <c>nn.Module</c>. A model of your own derives from it, or from
/// <see cref="Module{TInput,TOutput}"/>, and keeps its layers in fields or properties; they are found there.
/// <code>
/// sealed class Classifier : Module&lt;Tensor, Tensor&gt;
/// {
///     private readonly Linear _fc1 = new(784, 128);
///     private readonly Linear _fc2 = new(128, 10);
///
///     public override Tensor Forward(Tensor input) => _fc2.Forward(_fc1.Forward(input).Relu());
/// }
/// </code>
/// </summary>
/// <remarks>
/// <para>Found are the <see cref="Module"/>s, <see cref="Parameter"/>s and <see cref="ModuleBuffer"/>s in all instance
/// fields, whatever their access, and in arrays and lists of them. In the state they are called by their names in
/// snake_case, as Python's attributes are: <c>_fc1</c> and <c>Fc1</c> give <c>fc1.weight</c>, an array <c>Layers</c>
/// gives <c>layers.0.weight</c>; <see cref="StateNameAttribute"/> sets another name. So a model that is written after
/// one of PyTorch's has the same keys. Modules, parameters and buffers of names known only at run time are
/// registered.</para>
/// <para>A module owns its parameters and buffers, and those of the modules in it: <see cref="Dispose()"/> frees them.
/// They outlive the <see cref="TensorScope"/> in which the module was made.</para>
/// <para>Thread safety: forward may run on several threads at once, unless it changes buffers (batch normalisation in
/// training); everything else may not.</para>
/// </remarks>
public abstract class Module : IDisposable
{
    private readonly List<(string Name, object Value)> _registered = [];

    /// <summary>Whether it is trained, or used: dropout and batch normalisation differ. True at first.</summary>
    public bool IsTraining { get; private set; } = true;

    internal IReadOnlyList<(string Name, object Value)> Registered => _registered;

    /// <summary>
    /// All parameters below, a shared one once, in the order of the code: modules before their parts.
    /// </summary>
    public IReadOnlyList<NamedParameter> NamedParameters() =>
        [.. Distinct<Parameter>().Select(static found => new NamedParameter(found.Name, found.Value))];

    /// <summary>All parameters below, a shared one once.</summary>
    public IReadOnlyList<Parameter> Parameters() => [.. Distinct<Parameter>().Select(static found => found.Value)];

    /// <summary>All buffers below, a shared one once.</summary>
    public IReadOnlyList<NamedBuffer> NamedBuffers() =>
        [.. Distinct<ModuleBuffer>().Select(static found => new NamedBuffer(found.Name, found.Value))];

    /// <summary>This module and all below it, each before its parts, a shared one once.</summary>
    public IReadOnlyList<NamedModule> NamedModules() =>
        [.. ModuleTree.Of(this).Modules.DistinctBy(static found => found.Module, ReferenceEqualityComparer.Instance)];

    /// <summary>Has this module and all below it train, or no longer.</summary>
    /// <returns>The same module.</returns>
    public Module Train(bool isTraining = true)
    {
        foreach (NamedModule found in NamedModules())
        {
            found.Module.IsTraining = isTraining;
        }

        return this;
    }

    /// <summary>Has this module and all below it be used, not trained: no dropout, running statistics.</summary>
    /// <returns>The same module.</returns>
    public Module Eval() => Train(false);

    /// <summary>Where its first parameter is; the CPU where it has none.</summary>
    public Device Device => Parameters() is [Parameter first, ..] ? first.Value.Device : Device.Cpu;

    /// <summary>Moves all parameters and buffers to a device; the tensors stay the same objects.</summary>
    /// <returns>The same module.</returns>
    public Module To(Device device)
    {
        Convert(tensor => tensor.To(device));
        return this;
    }

    /// <summary>Gives all parameters and buffers of floating dtypes another one; integers stay.</summary>
    /// <returns>The same module.</returns>
    public Module To(DType dtype)
    {
        if (!dtype.IsFloatingPoint())
        {
            throw new ArgumentException(
                $"A module's parameters can't be {dtype.Name()}: only floating dtypes have gradients.", nameof(dtype));
        }

        Convert(tensor => tensor.DType.IsFloatingPoint() ? tensor.To(dtype) : tensor);
        return this;
    }

    /// <summary>Whether the parameters below are trained; false freezes them.</summary>
    /// <returns>The same module.</returns>
    public Module RequireGradients(bool required = true)
    {
        foreach (Parameter parameter in Parameters())
        {
            parameter.RequiresGrad = required;
        }

        return this;
    }

    /// <summary>Removes the gradients of all parameters, or makes them zeros in place.</summary>
    /// <param name="toNull">False where gradients are views of a reducer's buckets, which must stay.</param>
    public void ZeroGradients(bool toNull = true) =>
        TensorGradients.ZeroGradients([.. Parameters().Select(static parameter => parameter.Value)], toNull);

    /// <summary>
    /// The parameters and persistent buffers by name, as PyTorch's <c>state_dict()</c> and in its order: the module's
    /// own tensors, not copies, which stay the module's.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> StateDict()
    {
        var state = new OrderedDictionary<string, Tensor>(StringComparer.Ordinal);
        foreach ((string name, object value) in ModuleTree.Of(this).Tensors)
        {
            if (TensorOf(value) is { } tensor)
            {
                state.Add(name, tensor);
            }
        }

        return state;
    }

    /// <summary>
    /// Copies values into the parameters and buffers of the same names, whatever dtype and device they have.
    /// </summary>
    /// <param name="state">Values by name; they stay the caller's.</param>
    /// <param name="strict">Whether names must be the same. Shapes must be in any case.</param>
    /// <returns>What was missing or unexpected; nothing where <paramref name="strict"/>.</returns>
    /// <exception cref="StateMismatchException">
    /// Names or shapes differ; the message has all of them, and nothing was copied.
    /// </exception>
    public StateDifferences LoadStateDict(IReadOnlyDictionary<string, Tensor> state, bool strict = true) =>
        StateLoading.Load(GetType().Name, StateDict(), state, strict);

    /// <summary>
    /// Saves the state to a safetensors file, which appears whole or not at all; what stood there is replaced.
    /// </summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public void Save(string path) => Safetensors.Save(path, StateDict());

    /// <summary>Copies a safetensors file into the parameters and buffers of the same names.</summary>
    /// <inheritdoc cref="LoadStateDict"/>
    /// <param name="path">The file, of this library or of any other that writes safetensors.</param>
    /// <param name="strict">Whether names must be the same. Shapes must be in any case.</param>
    /// <exception cref="SafetensorsException">It is no safetensors file, or a damaged one.</exception>
    public StateDifferences Load(string path, bool strict = true)
    {
        using var scope = new TensorScope();
        return StateLoading.Load(path, StateDict(), Safetensors.Load(path), strict);
    }

    /// <summary>Frees all parameters and buffers below.</summary>
    public void Dispose()
    {
        Dispose(isDisposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Adds a parameter whose name is known only now; null adds nothing.</summary>
    protected void Register(string name, Parameter? parameter) => RegisterMember(name, parameter);

    /// <summary>Adds a buffer whose name is known only now; null adds nothing.</summary>
    protected void Register(string name, ModuleBuffer? buffer) => RegisterMember(name, buffer);

    /// <summary>Adds a module whose name is known only now; null adds nothing.</summary>
    protected void Register(string name, Module? module) => RegisterMember(name, module);

    /// <summary>Frees what the module holds; who overrides it calls the base's.</summary>
    protected virtual void Dispose(bool isDisposing)
    {
        if (!isDisposing)
        {
            return;
        }

        foreach ((string _, object value) in ModuleTree.Of(this).Tensors)
        {
            ((IDisposable)value).Dispose();
        }
    }

    private static Tensor? TensorOf(object value) => value switch
    {
        Parameter parameter => parameter.Value,
        ModuleBuffer { IsPersistent: true } buffer => buffer.Value,
        _ => null,
    };

    private void RegisterMember(string name, object? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Contains('.', StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{name}' has a dot, which divides the parts of a path.", nameof(name));
        }

        if (value is not null)
        {
            _registered.Add((name, value));
        }
    }

    private IEnumerable<(string Name, T Value)> Distinct<T>()
        where T : class =>
        ModuleTree.Of(this).Tensors
            .Where(static found => found.Value is T)
            .DistinctBy(static found => found.Value, ReferenceEqualityComparer.Instance)
            .Select(static found => (found.Name, (T)found.Value));

    private void Convert(Func<Tensor, Tensor> conversion)
    {
        foreach ((string _, Parameter parameter) in Distinct<Parameter>())
        {
            parameter.Convert(conversion);
        }

        foreach ((string _, ModuleBuffer buffer) in Distinct<ModuleBuffer>())
        {
            buffer.Convert(conversion);
        }
    }
}
