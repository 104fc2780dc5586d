#!/usr/bin/env python3
"""The benchmarked training steps in PyTorch: prints one JSON object with the median milliseconds of each.

Usage: torch_steps.py [--threads 2] [--steps 200] [mlp] [rbm] [lstm] [add]
Debian's python3-torch needs libopenblas0-openmp beside it, or it runs on the reference BLAS.
"""
import argparse
import json
import statistics
import time

import torch
import torch.nn.functional as F


def mlp():
    """Dense network 784-512-512-10, batch 128, cross-entropy, Adam 1e-3."""
    model = torch.nn.Sequential(
        torch.nn.Linear(784, 512), torch.nn.ReLU(),
        torch.nn.Linear(512, 512), torch.nn.ReLU(),
        torch.nn.Linear(512, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x = torch.rand(128, 784)
    y = torch.randint(0, 10, (128,))

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    return step


def rbm():
    """Restricted Boltzmann machine 784-512, batch 64, CD-1 with sampled data, Adam 1e-3."""
    w = torch.nn.Parameter(torch.randn(784, 512) * 0.01)
    bv = torch.nn.Parameter(torch.zeros(784))
    bh = torch.nn.Parameter(torch.zeros(512))
    optimizer = torch.optim.Adam([w, bv, bh], lr=1e-3)
    grey = torch.rand(64, 784)

    def free_energy(v):
        return -(v @ bv) - F.softplus(v @ w + bh).sum(1)

    def step():
        v = torch.bernoulli(grey)
        with torch.no_grad():
            h = torch.bernoulli(torch.sigmoid(v @ w + bh))
            vk = torch.bernoulli(torch.sigmoid(h @ w.t() + bv))
        optimizer.zero_grad(set_to_none=True)
        (free_energy(v).mean() - free_energy(vk).mean()).backward()
        optimizer.step()
    return step


def lstm():
    """LSTM 128-256 over 64 steps, batch 32, mean squared error of all outputs, Adam 1e-3."""
    model = torch.nn.LSTM(128, 256)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x = torch.randn(64, 32, 128)
    y = torch.rand(64, 32, 256) - 0.5

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.mse_loss(model(x)[0], y).backward()
        optimizer.step()
    return step


def add():
    """`add` of 16 floats."""
    a = torch.rand(16)
    b = torch.rand(16)

    def step():
        for _ in range(1000):
            a + b
    return step


def add_recorded():
    """`add` of 16 floats, recorded for gradients."""
    a = torch.rand(16, requires_grad=True)
    b = torch.rand(16)

    def step():
        for _ in range(1000):
            a + b
    return step


STEPS = {"mlp": mlp, "rbm": rbm, "lstm": lstm, "add": add, "add_recorded": add_recorded}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("names", nargs="*", default=list(STEPS))
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    out = {}
    for name in options.names or list(STEPS):
        step = STEPS[name]()
        for _ in range(options.steps // 2):
            step()
        times = []
        for _ in range(options.steps):
            start = time.perf_counter()
            step()
            times.append((time.perf_counter() - start) * 1e3)
        out[name] = statistics.median(times)
    print(json.dumps(out))


if __name__ == "__main__":
    main()
