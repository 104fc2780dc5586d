#!/usr/bin/env python3
"""The benchmarked programs in PyTorch: prints its version and the median milliseconds of each as JSON.

Usage: torch_steps.py [--threads 2] [--steps 200] [--seconds 3] [NAME...]
The names are those of Workload.java in lower case, and add, add_recorded. Each runs half as many steps before it is measured; --seconds
ends a slow one earlier, but not before 3 steps. Debian's python3-torch needs libopenblas0-openmp beside it, or it runs on the reference
BLAS.
"""
import argparse
import json
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn


def training(parameters, loss, optimizer=torch.optim.Adam, lr=1e-3):
    """A step of an optimiser."""
    optimizer = optimizer(parameters, lr=lr)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss().backward()
        optimizer.step()
    return step


def dense():
    return nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))


def classifier(model, optimizer):
    x = torch.rand(128, 784)
    y = torch.randint(0, 10, (128,))
    return training(model.parameters(), lambda: F.cross_entropy(model(x), y), optimizer)


def mlp():
    """Dense network 784-512-512-10 with ReLU, batch 128, cross-entropy, Adam."""
    return classifier(dense(), torch.optim.Adam)


def gelu():
    """Dense network 784-600-300-10 with GELU, batch 128, cross-entropy, AdamW."""
    model = nn.Sequential(nn.Linear(784, 600), nn.GELU(), nn.Linear(600, 300), nn.GELU(), nn.Linear(300, 10))
    return classifier(model, torch.optim.AdamW)


class Rbm:
    """A restricted Boltzmann machine."""

    def __init__(self, visible, hidden):
        self.w = nn.Parameter(torch.randn(visible, hidden) * 0.01)
        self.bv = nn.Parameter(torch.zeros(visible))
        self.bh = nn.Parameter(torch.zeros(hidden))

    def parameters(self):
        return [self.w, self.bv, self.bh]

    def up(self, v):
        return torch.bernoulli(torch.sigmoid(v @ self.w + self.bh))

    def down(self, h):
        return torch.bernoulli(torch.sigmoid(h @ self.w.t() + self.bv))

    def free_energy(self, v):
        return -(v @ self.bv) - F.softplus(v @ self.w + self.bh).sum(1)


def contrastive_divergence(k):
    """Restricted Boltzmann machine 784-512, batch 64, sampled data, CD-k, Adam."""
    machine = Rbm(784, 512)
    grey = torch.rand(64, 784)

    def loss():
        v = torch.bernoulli(grey)
        with torch.no_grad():
            vk = v
            for _ in range(k):
                vk = machine.down(machine.up(vk))
        return machine.free_energy(v).mean() - machine.free_energy(vk).mean()
    return training(machine.parameters(), loss)


def lstm():
    """LSTM 128-256 over 64 steps, batch 32, mean squared error of all outputs, Adam."""
    model = nn.LSTM(128, 256)
    x = torch.randn(64, 32, 128)
    y = torch.rand(64, 32, 256) - 0.5
    return training(model.parameters(), lambda: F.mse_loss(model(x)[0], y))


def lstm_by_hand():
    """A cell of LSTM written by hand, 16-32 over 16 steps, batch 8, mean square of the last output, SGD."""
    x = torch.randn(16, 8, 16)
    inner = nn.Linear(16, 4 * 32)
    outer = nn.Linear(32, 4 * 32)

    def loss():
        h = torch.zeros(8, 32)
        c = torch.zeros(8, 32)
        for t in range(16):
            i, f, g, o = (inner(x[t]) + outer(h)).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        return h.square().mean()
    return training([*inner.parameters(), *outer.parameters()], loss, torch.optim.SGD, 1e-2)


def tiny(model, batch, inputs, optimizer):
    x = torch.rand(batch, inputs)
    y = torch.rand(batch, 1)
    return training(model.parameters(), lambda: F.mse_loss(model(x), y), optimizer)


def tiny_tanh():
    """Linear(1, 10), Tanh, Linear(10, 1), batch 1, mean squared error, SGD."""
    return tiny(nn.Sequential(nn.Linear(1, 10), nn.Tanh(), nn.Linear(10, 1)), 1, 1, torch.optim.SGD)


def tiny_linear():
    """Linear(13, 1), batch 25, mean squared error, Adam."""
    return tiny(nn.Linear(13, 1), 25, 13, torch.optim.Adam)


def gibbs():
    """A Gibbs chain of 1,000 steps of a machine 784-128, batch 64, with the upper half of the images clamped."""
    machine = Rbm(784, 128)
    start = torch.bernoulli(torch.rand(64, 784))
    upper = torch.arange(784) < 392

    def step():
        with torch.no_grad():
            v = start
            for _ in range(1000):
                v = torch.where(upper, start, machine.down(machine.up(v)))
    return step


def inference(batch):
    """The dense network 784-512-512-10 without gradients."""
    model = dense()
    x = torch.rand(batch, 784)

    def step():
        with torch.no_grad():
            model(x)
    return step


def add(recorded=False):
    """1,000 times `add` of 16 floats."""
    a = torch.rand(16, requires_grad=recorded)
    b = torch.rand(16)

    def step():
        for _ in range(1000):
            a + b
    return step


PROGRAMS = {
    "mlp": mlp, "gelu": gelu,
    "rbm": lambda: contrastive_divergence(1), "rbm_cd11": lambda: contrastive_divergence(11),
    "lstm": lstm, "lstm_by_hand": lstm_by_hand,
    "tiny_tanh": tiny_tanh, "tiny_linear": tiny_linear,
    "gibbs": gibbs,
    "inference_1": lambda: inference(1), "inference_128": lambda: inference(128),
    "add": add, "add_recorded": lambda: add(True),
}


def milliseconds(step, steps, seconds):
    """The median time of a step."""
    def run(count, least):
        times = []
        end = time.perf_counter() + seconds * count / steps
        while len(times) < count and (len(times) < least or time.perf_counter() < end):
            start = time.perf_counter()
            step()
            times.append((time.perf_counter() - start) * 1e3)
        return times
    run(steps // 2, 1)
    return statistics.median(run(steps, 3))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    names = options.names or list(PROGRAMS)
    out = {n: milliseconds(PROGRAMS[n](), options.steps, options.seconds) for n in names}
    print(json.dumps({"version": torch.__version__, "milliseconds": out}))


if __name__ == "__main__":
    main()
