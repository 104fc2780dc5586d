#!/usr/bin/env python3
"""Runs the programs of Jangada, PyTorch and the limit programs in turn and prints medians and their ratios.

Usage: compare.py [--rounds 3] [--threads 2] [--only mlp rbm ...] [--without pytorch limits] [--results DIR] [--fresh]
(after: mvn -B -ntp -DskipTests package). Each round starts a fresh process of each; the ratio is taken per round, so that a slow phase of the
machine hits both. What was measured stays in DIR (default benchmarks/target/results): a run that was interrupted goes on where it stopped.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

import limits

HERE = pathlib.Path(__file__).resolve().parent
JAR = HERE.parent / "target" / "benchmarks.jar"
RESULTS = HERE.parent / "target" / "results"
PYTHON = "/usr/bin/python3"
PROGRAMS = ["mlp", "gelu", "rbm", "rbm_cd11", "lstm", "lstm_by_hand", "tiny_tanh", "tiny_linear", "gibbs", "inference_1", "inference_128"]
OPERATIONS = {"add": "add", "add_recorded": "addRecorded"}  # of OverheadBenchmark
MODES = ["captured", "eager"]
MILLISECONDS = {"ns/op": 1e-6, "us/op": 1e-3, "ms/op": 1.0, "s/op": 1e3}


def jmh(*arguments):
    """The entries of JMH's result."""
    with tempfile.NamedTemporaryFile(suffix=".json") as result:
        subprocess.run(
            ["java", "-jar", str(JAR), *arguments, "-foe", "true", "-rf", "json", "-rff", result.name], check=True, stdout=subprocess.DEVNULL)
        return json.load(open(result.name, encoding="utf-8"))


def milliseconds(entry):
    """The median of a benchmark that takes samples, else the median of its iterations."""
    metric = entry["primaryMetric"]
    return metric["scorePercentiles"]["50.0"] * MILLISECONDS[metric["scoreUnit"]]


def label(entry):
    """A name such as `mlp captured`."""
    parameters = entry.get("params", {})
    return f"{parameters['program']} {parameters['mode']}".lower()


def jangada(threads, names):
    """Milliseconds of a step by program and mode, of 1,000 `add`."""
    out = {}
    programs = ",".join(n.upper() for n in names if n in PROGRAMS)
    if programs:
        for entry in jmh(r"ProgramBenchmark\.run$", "-p", f"threads={threads}", "-p", f"program={programs}", "-wi", "3", "-w", "1", "-i", "3",
                         "-r", "700ms"):
            out[label(entry)] = milliseconds(entry)
    for name in names:
        if name in OPERATIONS:
            [entry] = jmh(rf"OverheadBenchmark\.{OPERATIONS[name]}$", "-p", f"threads={threads}", "-wi", "4", "-w", "1", "-i", "3", "-r", "700ms")
            out[f"{name} eager"] = milliseconds(entry) * 1e3
    return out


def why_no_pytorch():
    """Returns why PyTorch cannot be asked, or None."""
    if subprocess.run([PYTHON, "-c", "import torch"], capture_output=True).returncode == 0:
        return None
    return "PyTorch is not here: apt-get install python3-torch libopenblas0-openmp"


def pytorch(threads, names):
    """The same of PyTorch."""
    done = subprocess.run(
        [PYTHON, str(HERE / "torch_steps.py"), "--threads", str(threads), *names], check=True, stdout=subprocess.PIPE, text=True,
        env=limits.fast_openblas())
    return json.loads(done.stdout)


def commit():
    """The state of the sources, or nothing outside of a repository."""
    try:
        done = subprocess.run(["git", "-C", str(HERE), "describe", "--always", "--dirty"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return done.stdout.strip() if done.returncode == 0 else ""
    except OSError:
        return ""


class Results:
    """Parts of a measurement in a directory, one file each, and the commit at which each was measured."""

    def __init__(self, directory, fresh=False):
        self.directory = pathlib.Path(directory)
        if fresh:
            shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True, exist_ok=True)

    def has(self, name):
        """Whether a part was measured before."""
        return (self.directory / f"{name}.json").exists()

    def commits(self):
        """By part, in the order in which they were measured."""
        file = self.directory / "commits.json"
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    def part(self, name, measure):
        """What was measured before, else what `measure` returns now."""
        file = self.directory / f"{name}.json"
        if not self.has(name):
            print(f"measuring {name}", file=sys.stderr, flush=True)
            value = measure()
            unfinished = file.with_suffix(".part")
            unfinished.write_text(json.dumps(value, indent=1), encoding="utf-8")
            unfinished.rename(file)
            known = self.commits()
            known[name] = commit()
            (self.directory / "commits.json").write_text(json.dumps(known, indent=1), encoding="utf-8")
        return json.loads(file.read_text(encoding="utf-8"))


class Comparison:
    """Rounds of all that is compared."""

    def __init__(self, results, rounds, threads, names, without=()):
        self.threads = threads
        self.names = names
        self.absent = {
            "pytorch": "left out" if "pytorch" in without else why_no_pytorch(),
            "limits": "left out" if "limits" in without else limits.why_not(),
        }
        self.rounds = []
        built = []  # when they are first needed

        def limit_programs():
            if not built:
                built.append(limits.Limits([n for n in names if n in limits.PROGRAMS]))
            return built[0].milliseconds(threads)

        for number in range(1, rounds + 1):
            before = f"threads{threads}-round{number}-"
            self.rounds.append({
                "jangada": results.part(before + "jangada", lambda: jangada(threads, names)),
                "pytorch": {} if self.absent["pytorch"] else results.part(before + "pytorch", lambda: pytorch(threads, names)),
                "limits": {} if self.absent["limits"] else results.part(before + "limits", limit_programs),
            })

    def version(self):
        return self.rounds[0]["pytorch"].get("version")

    def ours(self, name, mode):
        """Milliseconds in each round; none if the program does not run in this mode."""
        return [r["jangada"][f"{name} {mode}"] for r in self.rounds if f"{name} {mode}" in r["jangada"]]

    def theirs(self, name):
        return [r["pytorch"]["milliseconds"][name] for r in self.rounds if r["pytorch"]]

    def limit(self, name, kernel):
        return [r["limits"][name][kernel] for r in self.rounds if name in r["limits"]]


def ratios(numerators, denominators):
    """Ratios per round: median, least and most."""
    each = sorted(a / b for a, b in zip(numerators, denominators))
    return statistics.median(each), each[0], each[-1]


def show(milliseconds):
    """A time with a unit that fits."""
    if milliseconds < 1e-3:
        return f"{milliseconds * 1e6:.0f} ns"
    return f"{milliseconds * 1e3:.1f} us" if milliseconds < 0.1 else f"{milliseconds:.3g} ms" if milliseconds < 100 else f"{milliseconds:.0f} ms"


def scaled(name, times):
    """`add` is measured a thousand at a time."""
    return [t / 1e3 for t in times] if name in OPERATIONS else times


def table(comparison):
    """Lines of text."""
    kernels = {} if comparison.absent["limits"] else limits.KERNELS
    out = [f"{'program':24} {'jangada':>10} {'pytorch':>10} {'ratio':>8} {'(least to most)':>18}"
           + "".join(f" {t:>26}" for t in kernels.values())
           + f"  (medians of {len(comparison.rounds)} rounds, {comparison.threads} threads; in brackets jangada's time over the limit's)"]
    for name in comparison.names:
        for mode in MODES:
            ours = scaled(name, comparison.ours(name, mode))
            if not ours:
                continue
            theirs = scaled(name, comparison.theirs(name))
            line = f"{name + ' ' + mode:24} {show(statistics.median(ours)):>10}"
            if theirs:
                middle, least, most = ratios(theirs, ours)
                line += f" {show(statistics.median(theirs)):>10} {middle:7.2f}x {f'({least:.2f} to {most:.2f})':>18}"
            for kernel in kernels:
                limit = comparison.limit(name, kernel)
                if limit:
                    line += f" {show(statistics.median(limit)):>16} ({ratios(ours, limit)[0]:5.2f}x)"
            out.append(line)
    return out


def parser(description):
    """The options that say what is compared."""
    out = argparse.ArgumentParser(description=description)
    out.add_argument("--rounds", type=int, default=3)
    out.add_argument("--threads", type=int, default=2)
    out.add_argument("--only", nargs="+", default=[*PROGRAMS, *OPERATIONS], choices=[*PROGRAMS, *OPERATIONS], metavar="NAME")
    out.add_argument("--without", nargs="+", default=[], choices=["pytorch", "limits"])
    out.add_argument("--results", default=str(RESULTS))
    out.add_argument("--fresh", action="store_true", help="forget what was measured before")
    return out


def compare(options, results):
    """Measures what was not measured before."""
    if not os.path.exists(JAR):
        sys.exit("benchmarks/target/benchmarks.jar is not there: mvn -B -ntp -DskipTests package")
    return Comparison(results, options.rounds, options.threads, options.only, options.without)


def main():
    options = parser("Compares Jangada, PyTorch and the limit programs.").parse_args()
    comparison = compare(options, Results(options.results, options.fresh))
    for what, reason in comparison.absent.items():
        if reason:
            print(f"no {what}: {reason}")
    print("\n".join(table(comparison)))


if __name__ == "__main__":
    main()
