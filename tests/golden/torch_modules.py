#!/usr/bin/python3
"""Writes the golden files of Lepton.Torch's modules, losses, optimizers and schedules, by PyTorch 1.13 itself:

    /usr/bin/python3 tests/golden/torch_modules.py

Needs python3-torch. The files hold what each module draws as its first weights under a seed, what it computes from
given inputs, its gradients, and, in double precision, its state after ten steps of training; the tests compute the
same and compare.
"""
import json
import math
import pathlib
import struct

import torch
from torch import nn
from torch.optim import lr_scheduler as lr

FOLDER = pathlib.Path(__file__).resolve().parent / "torch"
STEPS = 10
SEED_WEIGHTS, SEED_INPUTS, SEED_FORWARD = 7, 11, 13
FORMATS = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64", torch.bool: "BOOL"}


def save(name, tensors):
    """Writes a safetensors file as the reference implementation does, which Debian has no package of."""
    rank = ["BOOL", "F32", "F64", "I64"]
    order = sorted(tensors, key=lambda key: (-rank.index(FORMATS[tensors[key].dtype]), key))
    header, parts, offset = {}, [], 0
    for key in order:
        # What is no number compares to nothing: a case whose training blows up shows nothing.
        assert tensors[key].double().isfinite().all(), key
        data = tensors[key].detach().contiguous().numpy().tobytes()
        header[key] = {"dtype": FORMATS[tensors[key].dtype], "shape": list(tensors[key].shape),
                       "data_offsets": [offset, offset + len(data)]}
        parts.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    (FOLDER / name).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))
    print(f"{name}: {len(tensors)} tensors, {offset} bytes")


def weighed(outputs):
    """One number of all outputs, by weights that no normalisation cancels out."""
    total = 0
    for out in outputs:
        total = total + (out * torch.cos(torch.arange(out.numel(), dtype=out.dtype)).view(out.shape)).sum()
    return total


def tuple_of(outputs):
    flat = []
    for out in outputs if isinstance(outputs, tuple) else (outputs,):
        flat += tuple_of(out) if isinstance(out, tuple) else [] if out is None else [out]
    return flat


def note(tensors, prefix, state):
    for key, value in state.items():
        tensors[f"{prefix}/{key}"] = value.clone()


def draw(*shapes):
    torch.manual_seed(SEED_INPUTS)
    return [torch.randn(shape) for shape in shapes]


def indices(low, high, shape):
    torch.manual_seed(SEED_INPUTS)
    return [torch.randint(low, high, shape)]


class AttentionPooling(nn.Module):
    """Bahdanau's additive attention over a sequence, with one learned question."""

    def __init__(self, inputs, hidden):
        super().__init__()
        self.proj = nn.Linear(inputs, hidden)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, x, mask=None):
        scores = self.score(torch.tanh(self.proj(x))).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(mask, -math.inf)
        weights = torch.softmax(scores, dim=1)
        return torch.bmm(weights.unsqueeze(1), x).squeeze(1), weights


def mlp():
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))


def encoder(**options):
    """PyTorch's encoder copies one layer; Lepton's draws each."""
    layers = [nn.TransformerEncoderLayer(8, 2, 12, 0.0, **options) for _ in range(2)]
    stack = nn.TransformerEncoder(layers[0], 2, nn.LayerNorm(8), enable_nested_tensor=False)
    stack.layers = nn.ModuleList(layers)
    return stack


def causal(length):
    return torch.ones(length, length, dtype=torch.bool).triu(1)


def padding():
    """The last place of the first of two sequences of four."""
    mask = torch.zeros(2, 4, dtype=torch.bool)
    mask[0, 3] = True
    return mask


def activation(make, shape=(3, 6)):
    return (make, lambda: draw(shape), None)


def image(make):
    return (make, lambda: draw((2, 4, 5, 5)), None)


def signal(make):
    return (make, lambda: draw((2, 4, 9)), None)


# Name: how the module is made, its inputs, how it is called (None: with the inputs).
MODULES = {
    "linear": (lambda: nn.Linear(5, 3), lambda: draw((4, 5)), None),
    "linear_without_bias": (lambda: nn.Linear(5, 3, bias=False), lambda: draw((2, 4, 5)), None),
    "sequential": (mlp, lambda: draw((4, 6)), None),
    "flatten": image(lambda: nn.Sequential(nn.Flatten(), nn.Linear(100, 2))),
    "relu": activation(nn.ReLU),
    "relu6": activation(nn.ReLU6),
    "leaky_relu": activation(lambda: nn.LeakyReLU(0.2)),
    "prelu": signal(lambda: nn.PReLU(4)),
    "elu": activation(lambda: nn.ELU(0.7)),
    "selu": activation(nn.SELU),
    "gelu": activation(nn.GELU),
    "gelu_tanh": activation(lambda: nn.GELU("tanh")),
    "silu": activation(nn.SiLU),
    "mish": activation(nn.Mish),
    "sigmoid": activation(nn.Sigmoid),
    "tanh": activation(nn.Tanh),
    "hardtanh": activation(lambda: nn.Hardtanh(-0.5, 0.8)),
    "hardswish": activation(nn.Hardswish),
    "hardsigmoid": activation(nn.Hardsigmoid),
    "log_sigmoid": activation(nn.LogSigmoid),
    "softplus": activation(lambda: nn.Softplus(2, 1)),
    "softmax": activation(lambda: nn.Softmax(-1)),
    "log_softmax": activation(lambda: nn.LogSoftmax(1)),
    "glu": activation(nn.GLU),
    "conv1d": signal(lambda: nn.Conv1d(4, 6, 3, stride=2, padding=1)),
    "conv1d_circular": signal(lambda: nn.Conv1d(4, 2, 3, padding=2, padding_mode="circular", bias=False)),
    "conv2d": image(lambda: nn.Conv2d(4, 6, 3)),
    "conv2d_groups": image(lambda: nn.Conv2d(4, 4, (3, 2), (1, 2), (2, 1), (2, 1), groups=2)),
    "conv2d_reflect": image(lambda: nn.Conv2d(4, 2, 3, padding=1, padding_mode="reflect")),
    "conv2d_replicate": image(lambda: nn.Conv2d(4, 2, 3, padding=(1, 2), padding_mode="replicate")),
    "conv2d_circular": image(lambda: nn.Conv2d(4, 2, 3, padding=(1, 2), padding_mode="circular")),
    "max_pool1d": signal(lambda: nn.MaxPool1d(3, 2, 1)),
    "max_pool2d": image(lambda: nn.MaxPool2d((2, 3), ceil_mode=True)),
    "avg_pool1d": signal(lambda: nn.AvgPool1d(2)),
    "avg_pool2d": image(lambda: nn.AvgPool2d(3, 2, 1, count_include_pad=False)),
    "adaptive_avg_pool1d": signal(lambda: nn.AdaptiveAvgPool1d(4)),
    "adaptive_avg_pool2d": image(lambda: nn.AdaptiveAvgPool2d((2, 3))),
    "adaptive_max_pool1d": signal(lambda: nn.AdaptiveMaxPool1d(4)),
    "adaptive_max_pool2d": image(lambda: nn.AdaptiveMaxPool2d(2)),
    "embedding": (lambda: nn.Embedding(7, 3), lambda: indices(0, 7, (2, 5)), None),
    "embedding_padding": (
        lambda: nn.Embedding(5, 3, padding_idx=-1, scale_grad_by_freq=True), lambda: indices(0, 5, (2, 6)), None),
    "layer_norm": (lambda: nn.LayerNorm(6), lambda: draw((3, 6)), None),
    "layer_norm_2d": (lambda: nn.LayerNorm([5, 5], eps=1e-3), lambda: draw((2, 4, 5, 5)), None),
    "layer_norm_plain": activation(lambda: nn.LayerNorm(6, elementwise_affine=False)),
    "batch_norm1d": (lambda: nn.BatchNorm1d(5), lambda: draw((8, 5)), None),
    "batch_norm1d_eval": (lambda: nn.BatchNorm1d(5).eval(), lambda: draw((8, 5)), None),
    "batch_norm1d_average": signal(lambda: nn.BatchNorm1d(4, momentum=None)),
    "batch_norm2d": image(lambda: nn.BatchNorm2d(4, eps=1e-3, momentum=0.3)),
    "batch_norm2d_stateless": image(lambda: nn.BatchNorm2d(4, affine=False, track_running_stats=False)),
    "group_norm": image(lambda: nn.GroupNorm(2, 4)),
    "dropout": activation(lambda: nn.Sequential(nn.Linear(6, 6), nn.Dropout(0.4))),
    "dropout_eval": activation(lambda: nn.Dropout(0.4).eval()),
    "dropout1d": signal(lambda: nn.Dropout1d(0.5)),
    "dropout2d": image(lambda: nn.Dropout2d(0.5)),
    "lstm": (lambda: nn.LSTM(3, 4), lambda: draw((5, 2, 3)), None),
    "lstm_state": (lambda: nn.LSTM(3, 4), lambda: draw((5, 2, 3), (1, 2, 4), (1, 2, 4)),
                   lambda m, x, h, c: m(x, (h, c))),
    "lstm_deep": (lambda: nn.LSTM(3, 4, 2, batch_first=True, dropout=0.3, bidirectional=True),
                  lambda: draw((2, 5, 3)), None),
    "lstm_without_bias": (lambda: nn.LSTM(3, 4, bias=False), lambda: draw((5, 2, 3)), None),
    "gru": (lambda: nn.GRU(3, 4), lambda: draw((5, 2, 3)), None),
    "gru_deep": (lambda: nn.GRU(3, 4, 2, batch_first=True, dropout=0.3, bidirectional=True),
                 lambda: draw((2, 5, 3), (4, 2, 4)), None),
    "attention": (lambda: nn.MultiheadAttention(8, 2), lambda: draw((4, 2, 8)), lambda m, x: m(x, x, x)),
    "attention_causal": (lambda: nn.MultiheadAttention(8, 2, batch_first=True), lambda: draw((2, 4, 8)),
                         lambda m, x: m(x, x, x, attn_mask=causal(4), key_padding_mask=padding(),
                                        average_attn_weights=False)),
    "attention_cross": (lambda: nn.MultiheadAttention(8, 4, dropout=0.3, kdim=5, vdim=6),
                        lambda: draw((3, 2, 8), (4, 2, 5), (4, 2, 6)), None),
    "attention_memory": (lambda: nn.MultiheadAttention(8, 2, bias=False), lambda: draw((3, 2, 8), (4, 2, 8)),
                         lambda m, x, y: m(x, y, y, need_weights=False)),
    "attention_float_mask": (lambda: nn.MultiheadAttention(8, 2), lambda: draw((4, 2, 8), (4, 4, 4)),
                             lambda m, x, mask: m(x, x, x, attn_mask=mask)),
    "transformer_layer": (lambda: nn.TransformerEncoderLayer(8, 2, 12, 0.2), lambda: draw((4, 2, 8)), None),
    "transformer_layer_causal": (
        lambda: nn.TransformerEncoderLayer(8, 2, 12, 0.0, nn.functional.gelu, batch_first=True, norm_first=True),
        lambda: draw((2, 4, 8)), lambda m, x: m(x, causal(4))),
    "transformer_encoder": (lambda: encoder(batch_first=True), lambda: draw((2, 4, 8)),
                            lambda m, x: m(x, src_key_padding_mask=padding())),
    "attention_pooling": (lambda: AttentionPooling(3, 5), lambda: draw((2, 4, 3)), None),
    "attention_pooling_mask": (lambda: AttentionPooling(3, 5), lambda: draw((2, 4, 3)),
                               lambda m, x: m(x, padding())),
}


def module_case(tensors, name):
    make, inputs, call = MODULES[name]
    torch.manual_seed(SEED_WEIGHTS)
    module = make()
    call = call or (lambda m, *xs: m(*xs))
    note(tensors, f"{name}/init", module.state_dict())
    given = inputs()
    for i, x in enumerate(given):
        tensors[f"{name}/in/{i}"] = x.clone()
        if x.is_floating_point():
            x.requires_grad_()
    torch.manual_seed(SEED_FORWARD)
    outputs = tuple_of(call(module, *given))
    weighed(outputs).backward()
    for i, out in enumerate(outputs):
        tensors[f"{name}/out/{i}"] = out.detach().clone()
    for key, parameter in module.named_parameters():
        if parameter.grad is not None:
            tensors[f"{name}/grad/{key}"] = parameter.grad.clone()
    for i, x in enumerate(given):
        if x.requires_grad:
            tensors[f"{name}/grad_in/{i}"] = x.grad.clone()
    learn(tensors, name, module.double(), call, given)


def learn(tensors, name, module, call, given):
    """Steps in double precision: what a BLAS rounds in single precision adds up to more than is allowed."""
    module.load_state_dict({key[len(name) + 6:]: value for key, value in tensors.items()
                            if key.startswith(f"{name}/init/")})
    given = [x.detach().double() if x.is_floating_point() else x for x in given]
    optimizer = torch.optim.SGD(module.parameters(), lr=0.01, momentum=0.9) if list(module.parameters()) else None
    torch.manual_seed(SEED_FORWARD)
    for _ in range(STEPS):
        outputs = tuple_of(call(module, *given))
        if optimizer:
            optimizer.zero_grad()
            weighed(outputs).backward()
            optimizer.step()
    note(tensors, f"{name}/after", module.state_dict())


def logits_and_classes():
    torch.manual_seed(SEED_INPUTS)
    return torch.randn(6, 4), torch.randint(0, 4, (6,))


def pair():
    torch.manual_seed(SEED_INPUTS)
    return torch.randn(6, 4), torch.randn(6, 4)


def shares():
    torch.manual_seed(SEED_INPUTS)
    return torch.rand(6, 4), torch.rand(6, 4)


def distributions():
    x, y = pair()
    return x.log_softmax(1), y.softmax(1)


def signs():
    torch.manual_seed(SEED_INPUTS)
    return torch.rand(6, 4), torch.tensor([1.0, -1.0]).repeat(12).view(6, 4)


def ranking():
    torch.manual_seed(SEED_INPUTS)
    return torch.randn(6), torch.randn(6), torch.tensor([1.0, -1.0]).repeat(3)


def angles():
    torch.manual_seed(SEED_INPUTS)
    return torch.randn(6, 4), torch.randn(6, 4), torch.tensor([1.0, -1.0]).repeat(3)


def triplet():
    torch.manual_seed(SEED_INPUTS)
    return torch.randn(6, 4), torch.randn(6, 4), torch.randn(6, 4)


def class_weights():
    return torch.tensor([0.5, 1.0, 2.0, 4.0])


# Name: the loss and its inputs; gradients are those of the first, and of the second where it has no fixed meaning.
LOSSES = {
    "cross_entropy": (lambda: nn.CrossEntropyLoss(), logits_and_classes),
    "cross_entropy_weights": (lambda: nn.CrossEntropyLoss(class_weights()), logits_and_classes),
    "cross_entropy_smooth": (
        lambda: nn.CrossEntropyLoss(class_weights(), ignore_index=2, label_smoothing=0.1), logits_and_classes),
    "cross_entropy_none": (lambda: nn.CrossEntropyLoss(class_weights(), reduction="none"), logits_and_classes),
    "cross_entropy_probabilities": (
        lambda: nn.CrossEntropyLoss(class_weights(), reduction="sum"), lambda: (pair()[0], pair()[1].softmax(1))),
    "nll": (lambda: nn.NLLLoss(class_weights()), lambda: (distributions()[0], logits_and_classes()[1])),
    "mse": (nn.MSELoss, pair),
    "mse_sum": (lambda: nn.MSELoss(reduction="sum"), pair),
    "l1": (nn.L1Loss, pair),
    "smooth_l1": (lambda: nn.SmoothL1Loss(beta=0.5), pair),
    "huber": (lambda: nn.HuberLoss(delta=0.7), pair),
    "bce": (lambda: nn.BCELoss(class_weights()), shares),
    "bce_logits": (nn.BCEWithLogitsLoss, lambda: (pair()[0], shares()[1])),
    "bce_logits_weights": (
        lambda: nn.BCEWithLogitsLoss(torch.tensor([[0.5]]), pos_weight=class_weights()),
        lambda: (pair()[0], shares()[1])),
    "kl_div": (nn.KLDivLoss, distributions),
    "kl_div_batch": (lambda: nn.KLDivLoss(reduction="batchmean", log_target=True),
                     lambda: (distributions()[0], distributions()[1].log())),
    "poisson_nll": (lambda: nn.PoissonNLLLoss(full=True), lambda: (pair()[0], shares()[1].mul(5).floor())),
    "hinge_embedding": (nn.HingeEmbeddingLoss, signs),
    "margin_ranking": (lambda: nn.MarginRankingLoss(0.3), ranking),
    "cosine_embedding": (lambda: nn.CosineEmbeddingLoss(0.2), angles),
    "triplet_margin": (lambda: nn.TripletMarginLoss(0.8), triplet),
}


def loss_case(tensors, name):
    make, inputs = LOSSES[name]
    loss = make()
    given = [x.detach().clone() for x in inputs()]
    for i, x in enumerate(given):
        tensors[f"{name}/in/{i}"] = x.clone()
    note(tensors, f"{name}/state", loss.state_dict())
    given[0].requires_grad_()
    for step in range(STEPS):
        value = loss(*given)
        given[0].grad = None
        weighed([value]).backward()
        if step == 0:
            tensors[f"{name}/out/0"] = value.detach().clone()
            tensors[f"{name}/grad_in/0"] = given[0].grad.clone()
        with torch.no_grad():
            given[0] -= 0.01 * given[0].grad
    tensors[f"{name}/after/0"] = given[0].detach().clone()


def l1_sgd(parameters):
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    optimizer.param_groups[0]["l1"] = 0.03
    return optimizer


# Name: how the optimizer is made of the parameters.
OPTIMIZERS = {
    "sgd": lambda ps: torch.optim.SGD(ps, lr=0.1),
    "sgd_l2": lambda ps: torch.optim.SGD(ps, lr=0.1, weight_decay=0.1),
    "sgd_l1": l1_sgd,
    "sgd_momentum": lambda ps: torch.optim.SGD(ps, lr=0.1, momentum=0.9, dampening=0.3),
    "sgd_nesterov": lambda ps: torch.optim.SGD(ps, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "sgd_maximize": lambda ps: torch.optim.SGD(ps, lr=0.1, maximize=True),
    "adam": lambda ps: torch.optim.Adam(ps),
    "adam_l2": lambda ps: torch.optim.Adam(ps, lr=0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1),
    "adam_amsgrad": lambda ps: torch.optim.Adam(ps, lr=0.05, amsgrad=True),
    "adamw": lambda ps: torch.optim.AdamW(ps),
    "adamw_amsgrad": lambda ps: torch.optim.AdamW(ps, lr=0.05, weight_decay=0.3, amsgrad=True, maximize=True),
    "adagrad": lambda ps: torch.optim.Adagrad(ps),
    "adagrad_decay": lambda ps: torch.optim.Adagrad(
        ps, lr=0.1, lr_decay=0.2, weight_decay=0.05, initial_accumulator_value=0.1, eps=1e-8),
}

# Name: what is done to gradients between backward and step.
CLIPPINGS = {
    "clip_norm": lambda ps: nn.utils.clip_grad_norm_(ps, 0.1),
    "clip_norm_1": lambda ps: nn.utils.clip_grad_norm_(ps, 0.5, 1.0),
    "clip_norm_inf": lambda ps: nn.utils.clip_grad_norm_(ps, 0.05, math.inf),
    "clip_value": lambda ps: nn.utils.clip_grad_value_(ps, 0.02),
}


def batch():
    torch.manual_seed(SEED_INPUTS)
    return torch.randn(8, 6), torch.randint(0, 3, (8,))


def optimizer_case(tensors, name, make, clip=None):
    torch.manual_seed(SEED_WEIGHTS)
    model = mlp()
    optimizer = make(model.parameters())
    x, y = batch()
    for _ in range(STEPS):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        l1 = optimizer.param_groups[0].get("l1", 0)
        if l1:
            for parameter in model.parameters():
                # Behind L2, as Lepton adds them; PyTorch has no L1.
                parameter.grad = parameter.grad.add(parameter.detach(), alpha=0.02)
                parameter.grad = parameter.grad.add(parameter.detach().sign(), alpha=l1)
        if clip:
            clip(list(model.parameters()))
        optimizer.step()
    note(tensors, name, model.state_dict())


# Name: what fills a tensor [4, 3, 2].
INITS = {
    "uniform": lambda x: nn.init.uniform_(x, -2, 3),
    "normal": lambda x: nn.init.normal_(x, 1, 0.5),
    "trunc_normal": lambda x: nn.init.trunc_normal_(x, 0.2, 1.5, -1, 1),
    "xavier_uniform": lambda x: nn.init.xavier_uniform_(x, 1.4),
    "xavier_normal": lambda x: nn.init.xavier_normal_(x, 1.4),
    "kaiming_uniform": lambda x: nn.init.kaiming_uniform_(x, 0.3, "fan_out"),
    "kaiming_normal": lambda x: nn.init.kaiming_normal_(x),
    "orthogonal": lambda x: nn.init.orthogonal_(x, 2),
}


def init_case(tensors, name):
    torch.manual_seed(SEED_WEIGHTS)
    tensors[f"{name}/0"] = INITS[name](torch.zeros(4, 3, 2))


def one_parameter():
    return [torch.nn.Parameter(torch.zeros(1))]


def sgd():
    return torch.optim.SGD(one_parameter(), lr=0.5, momentum=0.9)


def warm_up(step, warm=4, total=16, least=0.1):
    """Hugging Face's get_cosine_schedule_with_warmup, down to a share of the rate instead of 0."""
    if step < warm:
        return step / warm
    share = min(1.0, (step - warm) / (total - warm))
    return least + (1 - least) * 0.5 * (1 + math.cos(math.pi * share))


SCHEDULES = {
    "step": lambda o: lr.StepLR(o, 3, 0.5),
    "multi_step": lambda o: lr.MultiStepLR(o, [2, 5, 6], 0.3),
    "exponential": lambda o: lr.ExponentialLR(o, 0.9),
    "linear": lambda o: lr.LinearLR(o, 0.25, 0.8, 6),
    "polynomial": lambda o: lr.PolynomialLR(o, 12, 2.0),
    "cosine": lambda o: lr.CosineAnnealingLR(o, 8, 0.05),
    "cosine_warm_up": lambda o: lr.LambdaLR(o, warm_up),
    "one_cycle": lambda o: lr.OneCycleLR(o, 1.5, total_steps=24),
    "one_cycle_three": lambda o: lr.OneCycleLR(o, 1.5, total_steps=24, three_phase=True, anneal_strategy="linear",
                                               pct_start=0.4, div_factor=10, final_div_factor=100,
                                               base_momentum=0.8, max_momentum=0.99),
    "one_cycle_adam": lambda o: lr.OneCycleLR(o, 1.5, total_steps=24),
    "plateau": lambda o: lr.ReduceLROnPlateau(o, factor=0.5, patience=1, cooldown=1, min_lr=0.02),
    "plateau_max": lambda o: lr.ReduceLROnPlateau(o, "max", 0.2, 0, threshold=0.05, threshold_mode="abs"),
}
METRICS = [3, 2, 2, 2.5, 1.9, 1.9, 1.9, 1.9, 2, 2, 2, 2, 2.1, 1, 1, 1, 1.1, 1, 0.9999, 1, 1, 1, 1, 1]


def schedule_case(name):
    optimizer = torch.optim.Adam(one_parameter(), lr=0.5) if name.endswith("adam") else sgd()
    schedule = SCHEDULES[name](optimizer)
    group = optimizer.param_groups[0]
    rates, momenta = [], []
    for metric in METRICS:
        rates.append(group["lr"])
        momenta.append(group["betas"][0] if "betas" in group else group["momentum"])
        optimizer.step()
        if "plateau" in name:
            schedule.step(metric)
        elif len(rates) < len(METRICS):
            schedule.step()
    return {"rates": rates, "momenta": momenta}


def main():
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    tensors = {}
    for name in MODULES:
        module_case(tensors, name)
    save("modules.safetensors", tensors)
    tensors = {}
    for name, make in OPTIMIZERS.items():
        optimizer_case(tensors, name, make)
    for name, clip in CLIPPINGS.items():
        optimizer_case(tensors, name, lambda ps: torch.optim.SGD(ps, lr=1.0), clip)
    save("optimizers.safetensors", tensors)
    tensors = {}
    for name in LOSSES:
        loss_case(tensors, name)
    save("losses.safetensors", tensors)
    tensors = {}
    for name in INITS:
        init_case(tensors, name)
    save("init.safetensors", tensors)
    cases = {name: schedule_case(name) for name in SCHEDULES}
    lines = ",\n".join(f'  "{name}": {json.dumps(case)}' for name, case in cases.items())
    # A number a line would be long, a case a line too: a list a line.
    lines = lines.replace(', "momenta"', ',\n    "momenta"').replace('{"rates"', '{\n    "rates"')
    (FOLDER / "schedules.json").write_text(
        f'{{\n  "metrics": {json.dumps(METRICS)},\n{lines}\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
