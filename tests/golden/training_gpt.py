#!/usr/bin/python3
"""Writes the golden loss curve of the sample's small language model, by PyTorch 1.13 itself:

    /usr/bin/python3 tests/golden/training_gpt.py

Needs python3-torch. The model is nanoGPT's architecture, made in the order in which samples/gpt makes it, so that the same
seed gives the same first weights. Each batch is the whole training part of the text: the order of samples has no part in it.
"""
import gzip
import json
import math
import pathlib

import torch
from torch import nn
from torch.nn import functional as F

ROOT = pathlib.Path(__file__).resolve().parent
CHARACTERS, CONTEXT, WIDTH, HEADS, LAYERS, STEPS, WARMUP, RATE, SEED = 900, 16, 24, 2, 3, 12, 1, 0.01, 1


def linear(inputs, outputs, deviation=0.02, bias=True):
    layer = nn.Linear(inputs, outputs, bias=bias)
    nn.init.normal_(layer.weight, 0, deviation)
    if bias:
        nn.init.zeros_(layer.bias)
    return layer


def table(count):
    rows = nn.Embedding(count, WIDTH)
    nn.init.normal_(rows.weight, 0, 0.02)
    return rows


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        residual = 0.02 / math.sqrt(2 * LAYERS)
        self.ln_1, self.ln_2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.c_attn, self.attn_proj = linear(WIDTH, 3 * WIDTH), linear(WIDTH, WIDTH, residual)
        self.c_fc, self.mlp_proj = linear(WIDTH, 4 * WIDTH), linear(4 * WIDTH, WIDTH, residual)

    def forward(self, x):
        b, t, _ = x.shape
        q, k, v = (part.view(b, t, HEADS, WIDTH // HEADS).transpose(1, 2)
                   for part in self.c_attn(self.ln_1(x)).split(WIDTH, 2))
        scores = q @ k.transpose(2, 3) / math.sqrt(WIDTH // HEADS)
        ahead = torch.ones(t, t, dtype=torch.bool).triu(1)
        y = scores.masked_fill(ahead, -math.inf).softmax(3) @ v
        x = x + self.attn_proj(y.transpose(1, 2).reshape(b, t, WIDTH))
        return x + self.mlp_proj(F.gelu(self.c_fc(self.ln_2(x))))


class Model(nn.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.wte, self.wpe = table(vocabulary), table(CONTEXT)
        self.h = nn.Sequential(*[Block() for _ in range(LAYERS)])
        self.ln_f, self.lm_head = nn.LayerNorm(WIDTH), linear(WIDTH, vocabulary, bias=False)
        self.lm_head.weight = self.wte.weight

    def forward(self, x):
        return self.lm_head(self.ln_f(self.h(self.wte(x) + self.wpe(torch.arange(x.shape[1])))))


def main():
    text = gzip.open(ROOT.parent.parent / "samples/data/kjv.txt.gz", "rt").read()
    characters = sorted(set(text))
    codes = torch.tensor([characters.index(c) for c in text[:CHARACTERS]])[:CHARACTERS // 10 * 9]
    count = (len(codes) - 1) // CONTEXT * CONTEXT
    x, y = codes[:count].view(-1, CONTEXT), codes[1:count + 1].view(-1, CONTEXT)
    torch.manual_seed(SEED)
    model = Model(len(characters))
    parameters = list(model.parameters())
    optimizer = torch.optim.AdamW(
        [{"params": [p for p in parameters if p.dim() > 1], "weight_decay": 0.1},
         {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0}],
        lr=RATE, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: step / WARMUP if step < WARMUP
        else 0.5 * (1 + math.cos(math.pi * (step - WARMUP) / (STEPS - WARMUP))))
    losses = []
    for _ in range(STEPS):
        loss = F.cross_entropy(model(x).view(-1, len(characters)), y.reshape(-1))
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1)
        optimizer.step()
        schedule.step()
    (ROOT / "training" / "gpt.json").write_text(json.dumps({"batch": x.shape[0], "losses": losses}, indent=1) + "\n")


if __name__ == "__main__":
    main()
