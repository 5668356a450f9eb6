#!/usr/bin/python3
"""Writes the golden files of Lepton.Torch's modules, losses, optimizers and schedules, by PyTorch 1.13 itself:

    /usr/bin/python3 tests/golden/torch_modules.py

Needs python3-torch. The files hold what each module draws as its first weights under a seed, what it computes from
given inputs, its gradients, and its state after ten steps of training; the tests compute the same and compare.
"""
import json
import math
import pathlib
import struct

import torch
from torch import nn

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


# Name: how the module is made, its inputs, how it is called (None: with the inputs).
MODULES = {
    "linear": (lambda: nn.Linear(5, 3), lambda: draw((4, 5)), None),
    "linear_without_bias": (lambda: nn.Linear(5, 3, bias=False), lambda: draw((2, 4, 5)), None),
    "sequential": (mlp, lambda: draw((4, 6)), None),
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
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.9) if list(module.parameters()) else None
    torch.manual_seed(SEED_FORWARD)
    for step in range(STEPS):
        outputs = tuple_of(call(module, *given))
        if optimizer:
            optimizer.zero_grad()
        weighed(outputs).backward()
        if step == 0:
            for i, out in enumerate(outputs):
                tensors[f"{name}/out/{i}"] = out.detach().clone()
            for key, parameter in module.named_parameters():
                if parameter.grad is not None:
                    tensors[f"{name}/grad/{key}"] = parameter.grad.clone()
            for i, x in enumerate(given):
                if x.requires_grad:
                    tensors[f"{name}/grad_in/{i}"] = x.grad.clone()
        if optimizer:
            optimizer.step()
    note(tensors, f"{name}/after", module.state_dict())


# Name: how the optimizer is made of the parameters.
OPTIMIZERS = {
    "sgd": lambda ps: torch.optim.SGD(ps, lr=0.1),
    "adam": lambda ps: torch.optim.Adam(ps),
}


def batch():
    torch.manual_seed(SEED_INPUTS)
    return torch.randn(8, 6), torch.randint(0, 3, (8,))


def optimizer_case(tensors, name, make):
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
                parameter.grad = parameter.grad.add(parameter.detach().sign(), alpha=l1)
        optimizer.step()
    note(tensors, name, model.state_dict())


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
    save("optimizers.safetensors", tensors)


if __name__ == "__main__":
    main()
