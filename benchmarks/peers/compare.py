#!/usr/bin/env python3
"""Runs the training steps of Jangada, PyTorch and the limit programs in turn and prints medians and their ratios.

Usage: compare.py [--rounds 5] [--threads 2] [--no-limits]     (after: mvn -B -ntp -DskipTests package)
Each round starts a fresh process of each; the ratio is taken per round, so that a slow phase of the machine hits both.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import limits

HERE = pathlib.Path(__file__).resolve().parent
JAR = HERE.parent / "target" / "benchmarks.jar"
PYTHON = "/usr/bin/python3"
OURS = {
    "TrainingStepBenchmark.mlp": ("mlp", 1.0),
    "TrainingStepBenchmark.rbm": ("rbm", 1.0),
    "TrainingStepBenchmark.lstm": ("lstm", 1.0),
    "OverheadBenchmark.add": ("add", 1e-3),
    "OverheadBenchmark.addRecorded": ("add_recorded", 1e-3),
}
CAPTURED = " captured"


def jangada(threads):
    """Median of each benchmark: milliseconds of a step, microseconds of an `add`."""
    with tempfile.NamedTemporaryFile(suffix=".json") as result:
        names = [n.replace(".", r"\.") + "$" for n in OURS]
        subprocess.run(
            ["java", "-jar", str(JAR), *names, "-p", f"threads={threads}", "-wi", "3", "-w", "1", "-i", "3", "-r", "1",
             "-rf", "json", "-rff", result.name],
            check=True, stdout=subprocess.DEVNULL)
        out = {}
        for entry in json.load(open(result.name)):
            name, scale = OURS[".".join(entry["benchmark"].split(".")[-2:])]
            if entry.get("params", {}).get("mode") == "captured":
                name += CAPTURED
            metric = entry["primaryMetric"]
            median = metric["scorePercentiles"]["50.0"]
            out[name] = median * scale
        return out


def torch(threads):
    """The same of PyTorch; 1,000 adds are one of its steps, so milliseconds are microseconds of one."""
    done = subprocess.run(
        [PYTHON, str(HERE / "torch_steps.py"), "--threads", str(threads)], check=True, capture_output=True, text=True,
        env=limits.fast_openblas())
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--no-limits", action="store_true")
    options = parser.parse_args()
    if subprocess.run([PYTHON, "-c", "import torch"], capture_output=True).returncode != 0:
        sys.exit("PyTorch is not here: apt-get install python3-torch libopenblas0-openmp")
    if not os.path.exists(JAR):
        sys.exit("benchmarks/target/benchmarks.jar is not there: mvn -B -ntp -DskipTests package")
    reason = "left out" if options.no_limits else limits.why_not()
    programs = None if reason else limits.Limits()
    if reason:
        print(f"no limit columns: {reason}")
    rounds = []
    for _ in range(options.rounds):
        fused = programs.milliseconds(options.threads) if programs else {}
        rounds.append((jangada(options.threads), torch(options.threads), fused))
        print(json.dumps(rounds[-1]), flush=True)
    titles = list(limits.KERNELS.values()) if programs else []
    print(f"{'step':14} {'jangada':>9} {'pytorch':>9} {'ratio':>7} {'(least to most)':>18}" + "".join(f" {t:>26}" for t in titles)
          + f"  (medians of {len(rounds)} rounds, {options.threads} threads; in brackets jangada's time over the limit's)")
    for name, _ in OURS.values():
        for mode in ("", CAPTURED):
            if name + mode in rounds[0][0]:
                print(row(name, mode, rounds, titles))


def row(name, mode, rounds, titles):
    """One line of the table."""
    ours = statistics.median(r[0][name + mode] for r in rounds)
    theirs = statistics.median(r[1][name] for r in rounds)
    ratios = sorted(r[1][name] / r[0][name + mode] for r in rounds)
    unit = "us" if name.startswith("add") else "ms"
    spread = f"({ratios[0]:.2f} to {ratios[-1]:.2f})"
    line = f"{name + mode:14} {ours:6.3f} {unit} {theirs:6.3f} {unit} {statistics.median(ratios):6.2f}x {spread:>18}"
    if titles and name in limits.PROGRAMS:
        for kernel in limits.KERNELS:
            limit = statistics.median(r[2][name][kernel] for r in rounds)
            over = statistics.median(r[0][name + mode] / r[2][name][kernel] for r in rounds)
            line += f" {limit:13.3f} ms ({over:5.2f}x)"
    return line


if __name__ == "__main__":
    main()
