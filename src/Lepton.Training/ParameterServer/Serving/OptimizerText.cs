using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Protocol;

namespace Lepton.Training.ParameterServer.Serving;

/// <summary>Optimizers' options in a <see cref="Configuration"/>. Pure.</summary>
internal static class OptimizerText
{
    public static void Write(OptimizerOptions options, Configuration to)
    {
        Set(nameof(options.LearningRate), options.LearningRate);
        Set(nameof(options.WeightDecay), options.WeightDecay);
        Set(nameof(options.L1Penalty), options.L1Penalty);
        Set(nameof(options.Maximize), options.Maximize ? 1 : 0);
        to.Optimizer = options switch
        {
            AdamWOptions => nameof(AdamW),
            AdamOptions => nameof(Adam),
            AdagradOptions => nameof(Adagrad),
            _ => nameof(SGD),
        };
        switch (options)
        {
            case SgdOptions sgd:
                Set(nameof(sgd.Momentum), sgd.Momentum);
                Set(nameof(sgd.Dampening), sgd.Dampening);
                Set(nameof(sgd.Nesterov), sgd.Nesterov ? 1 : 0);
                break;
            case AdagradOptions adagrad:
                Set(nameof(adagrad.LearningRateDecay), adagrad.LearningRateDecay);
                Set(nameof(adagrad.InitialAccumulator), adagrad.InitialAccumulator);
                Set(nameof(adagrad.Epsilon), adagrad.Epsilon);
                break;
            case AdamOptions adam:
                Set(nameof(adam.Beta1), adam.Beta1);
                Set(nameof(adam.Beta2), adam.Beta2);
                Set(nameof(adam.Epsilon), adam.Epsilon);
                Set(nameof(adam.Amsgrad), adam.Amsgrad ? 1 : 0);
                break;
        }

        void Set(string name, double value) => to.Numbers[name] = value;
    }

    /// <exception cref="ArgumentException">The optimizer is unknown, or its options are out of bounds.</exception>
    public static Optimizer Make(Configuration from, IEnumerable<NamedParameter> parameters)
    {
        ParameterGroup[] groups = [new ParameterGroup(parameters)];
        return from.Optimizer switch
        {
            nameof(SGD) => new SGD(groups, new SgdOptions
            {
                LearningRate = Get(nameof(SgdOptions.LearningRate)),
                WeightDecay = Get(nameof(SgdOptions.WeightDecay)),
                L1Penalty = Get(nameof(SgdOptions.L1Penalty)),
                Maximize = Is(nameof(SgdOptions.Maximize)),
                Momentum = Get(nameof(SgdOptions.Momentum)),
                Dampening = Get(nameof(SgdOptions.Dampening)),
                Nesterov = Is(nameof(SgdOptions.Nesterov)),
            }),
            nameof(Adagrad) => new Adagrad(groups, new AdagradOptions
            {
                LearningRate = Get(nameof(AdagradOptions.LearningRate)),
                WeightDecay = Get(nameof(AdagradOptions.WeightDecay)),
                L1Penalty = Get(nameof(AdagradOptions.L1Penalty)),
                Maximize = Is(nameof(AdagradOptions.Maximize)),
                LearningRateDecay = Get(nameof(AdagradOptions.LearningRateDecay)),
                InitialAccumulator = Get(nameof(AdagradOptions.InitialAccumulator)),
                Epsilon = Get(nameof(AdagradOptions.Epsilon)),
            }),
            nameof(Adam) => new Adam(groups, Adams(new AdamOptions())),
            nameof(AdamW) => new AdamW(groups, (AdamWOptions)Adams(new AdamWOptions())),
            _ => throw new ArgumentException(
                $"The optimizer '{from.Optimizer}' is none that servers know. Give workers and servers one version."),
        };

        AdamOptions Adams(AdamOptions options) => options with
        {
            LearningRate = Get(nameof(AdamOptions.LearningRate)),
            WeightDecay = Get(nameof(AdamOptions.WeightDecay)),
            L1Penalty = Get(nameof(AdamOptions.L1Penalty)),
            Maximize = Is(nameof(AdamOptions.Maximize)),
            Beta1 = Get(nameof(AdamOptions.Beta1)),
            Beta2 = Get(nameof(AdamOptions.Beta2)),
            Epsilon = Get(nameof(AdamOptions.Epsilon)),
            Amsgrad = Is(nameof(AdamOptions.Amsgrad)),
        };

        double Get(string name) => from.Numbers.GetValueOrDefault(name);

        bool Is(string name) => Get(name) != 0;
    }
}
