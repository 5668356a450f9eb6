#!/usr/bin/python3
"""Writes the golden loss curves of the samples linear, transfer, imbalance and regularization, by PyTorch 1.13 itself:

    /usr/bin/python3 tests/golden/training_samples.py

Needs python3-torch and python3-numpy. Models are made in the order in which the samples make them, so that the same seed
gives the same first weights. Each step takes all images, so that their order matters to dropout alone, which draws for
each place.
"""
import csv
import gzip
import json
import pathlib

import numpy
import torch
from torch import nn
from torch.nn import functional as F

ROOT = pathlib.Path(__file__).resolve().parent
DATA = ROOT.parent.parent / "samples" / "data"
SEED = 1
BITS = (1 << 64) - 1


def mix(value):
    """SplitMix64, as StableHash.Mix."""
    value = (value + 0x9E3779B97F4A7C15) & BITS
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & BITS
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & BITS
    return value ^ (value >> 31)


def derive_seed(*path):
    """As SeededRandom.DeriveSeed."""
    derived = mix(SEED)
    for part in (path + (0, 0, 0, 0))[:4]:
        derived = mix((derived * 0x9FB21C651E98DF25 + part) & BITS)
    return derived


def order_of_epoch(epoch, count):
    """The order in which the trainer takes samples: SeededRandom (xoshiro256**) and its Shuffle."""
    seed = derive_seed(epoch)
    s = [mix((seed + i * 0x9E3779B97F4A7C15) & BITS) for i in range(4)]

    def rotate(value, by):
        return ((value << by) | (value >> (64 - by))) & BITS

    def draw():
        result = rotate(s[1] * 5 & BITS, 7) * 9 & BITS
        shifted = s[1] << 17 & BITS
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = rotate(s[3], 45)
        return result

    def below(limit):
        product = draw() * limit
        while product & BITS < limit and product & BITS < (1 << 64) % limit:
            product = draw() * limit
        return product >> 64

    order = list(range(count))
    for i in range(count - 1, 0, -1):
        other = below(i + 1)
        order[i], order[other] = order[other], order[i]
    return order


def digits(count):
    def read(name):
        data = gzip.open(DATA / "mnist" / name, "rb").read()
        return numpy.frombuffer(data, numpy.uint8, offset=16 if "images" in name else 8)
    x = torch.tensor(read("train-images-idx3-ubyte.gz").reshape(-1, 784)[:count].copy()).float()
    return x.div_(255).add_(-0.1307).div_(0.3081), torch.tensor(read("train-labels-idx1-ubyte.gz")[:count].astype("int64"))


def curve(model, optimizer, loss, steps):
    losses = []
    model.train()
    for step in range(steps):
        torch.manual_seed(derive_seed(1, step))
        value = loss(step)
        losses.append(value.item())
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    return losses


def linear():
    rows = list(csv.reader(open(DATA / "wine.csv")))[1:]
    table = torch.tensor([[float(cell) for cell in row[:-1]] for row in rows], dtype=torch.float64)
    table = table - table.mean(0, keepdim=True)
    table = (table / table.square().mean(0, keepdim=True).sqrt()).float()
    x, y = table[:, 1:].contiguous(), table[:, :1].contiguous()
    torch.manual_seed(SEED)
    model = nn.Linear(x.shape[1], 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    return {"linear": curve(model, optimizer, lambda _: F.mse_loss(model(x), y), 20)}


class Features(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 16, 5, padding=2), nn.Conv2d(16, 32, 5, padding=2)
        self.fc = nn.Linear(32 * 7 * 7, 128)

    def forward(self, x):
        x = F.max_pool2d(self.conv1(x.view(-1, 1, 28, 28)).relu(), 2)
        x = F.max_pool2d(self.conv2(x).relu(), 2)
        return self.fc(x.reshape(len(x), -1)).relu()


def transfer():
    x, y = digits(256)
    few = torch.cat([(y == digit).nonzero()[:3, 0] for digit in range(5, 10)])

    def fit(model, chosen, steps):
        optimizer = torch.optim.Adam(model.parameters())
        return curve(model, optimizer, lambda _: F.cross_entropy(model(x[chosen]), y[chosen] % 5), steps)

    torch.manual_seed(SEED)
    features = Features()
    curves = {"before": fit(nn.Sequential(features, nn.Linear(128, 5)), (y < 5).nonzero()[:, 0], 5)}
    features.requires_grad_(False)
    torch.manual_seed(SEED)
    curves["transferred"] = fit(nn.Sequential(features, nn.Linear(128, 5)), few, 10)
    torch.manual_seed(SEED)
    curves["scratch"] = fit(nn.Sequential(Features(), nn.Linear(128, 5)), few, 10)
    return curves


def imbalance():
    x, y = digits(512)
    kept, seen = [], [0] * 10
    for place, label in enumerate(y.tolist()):
        if label < 5 or seen[label] % 5 == 0:
            kept.append(place)
        seen[label] += 1
    x, y = x[kept], y[kept]
    counts = torch.bincount(y, minlength=10)
    weights = len(y) / (10 * counts.float())
    repeats = torch.tensor([round(counts.max().item() / counts[label].item()) for label in y.tolist()])

    def fit(images, labels, weight):
        torch.manual_seed(SEED)
        model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
        optimizer = torch.optim.Adam(model.parameters())
        return curve(
            model, optimizer,
            lambda _: F.cross_entropy(model(images), labels, weight, reduction="sum") / len(labels), 8)

    return {
        "plain": fit(x, y, None),
        "class-weights": fit(x, y, weights),
        "oversampling": fit(x.repeat_interleave(repeats, 0), y.repeat_interleave(repeats), None),
    }


def regularization():
    x, y = digits(256)

    def fit(dropout, decay):
        torch.manual_seed(SEED)
        model = nn.Sequential(
            nn.Linear(784, 512), nn.ReLU(), nn.Dropout(dropout), nn.Linear(512, 512), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(512, 10))
        optimizer = torch.optim.Adam(model.parameters(), weight_decay=decay)

        def loss(step):
            order = order_of_epoch(step, len(y))
            return F.cross_entropy(model(x[order]), y[order])

        return curve(model, optimizer, loss, 10)

    return {"plain": fit(0, 0), "dropout": fit(0.5, 0), "l2": fit(0, 0.001)}


if __name__ == "__main__":
    for sample in (linear, transfer, imbalance, regularization):
        path = ROOT / "samples" / f"{sample.__name__}.json"
        path.write_text(json.dumps(sample(), indent=1) + "\n")
