#!/usr/bin/env python3
"""Measures what was not measured yet and writes benchmarks/RESULTS.md and a picture beside it: the one command for all of it.

Usage: report.py [--rounds 3] [--threads 2] [--out benchmarks/RESULTS.md] [--parts compare profile kernels traces checks] [options of compare.py]
(after: mvn -B -ntp -DskipTests package). About 15 minutes on two quiet cores. Each part stays in benchmarks/target/results: a run that was
interrupted goes on where it stopped, and --parts measures one after the other; what was measured before is always in the report, what was
not is left out. --fresh begins anew.
"""
import datetime
import json
import os
import pathlib
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile

import compare
import limits
from compare import MODES, OPERATIONS, PROGRAMS, jmh, label, milliseconds, ratios, scaled, show

OUT = compare.HERE.parent / "RESULTS.md"
PARTS = ["compare", "profile", "kernels", "traces", "checks"]
PROFILER = "dev.jangada.benchmarks.ActivityProfiler"
SAID = {
    "mlp": "training step, dense 784-512-512-10 with ReLU, batch 128, Adam",
    "gelu": "training step, dense 784-600-300-10 with GELU, batch 128, AdamW",
    "rbm": "training step, RBM 784-512, batch 64, CD-1, Adam",
    "rbm_cd11": "the same with CD-11",
    "lstm": "training step, LSTM 128-256, 64 steps, batch 32, Adam",
    "lstm_by_hand": "training step, LSTM cell written by hand, 16-32, 16 steps, batch 8, SGD",
    "tiny_tanh": "training step, Linear(1, 10)-Tanh-Linear(10, 1), batch 1, SGD",
    "tiny_linear": "training step, Linear(13, 1), batch 25, Adam",
    "gibbs": "Gibbs chain of 1,000 steps, RBM 784-128, batch 64, upper half clamped",
    "inference_1": "inference, dense 784-512-512-10, batch 1",
    "inference_128": "inference, dense 784-512-512-10, batch 128",
    "add": "`add` of 16 floats",
    "add_recorded": "`add` of 16 floats, recorded for gradients",
}
SHORT = {
    "mlp": "MLP", "gelu": "MLP, GELU, AdamW", "rbm": "RBM, CD-1", "rbm_cd11": "RBM, CD-11", "lstm": "LSTM", "lstm_by_hand": "LSTM by hand",
    "tiny_tanh": "tiny MLP", "tiny_linear": "linear regression", "gibbs": "Gibbs chain", "inference_1": "inference, 1",
    "inference_128": "inference, 128", "add": "add", "add_recorded": "add, recorded",
}


def first_line(*command):
    """What a program says of itself, or nothing."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.stdout.splitlines()[0] if done.returncode == 0 and done.stdout else ""
    except OSError:
        return ""


def machine():
    """What was measured on, and when."""
    info = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = next((line.split(":")[1].strip() for line in info.splitlines() if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": datetime.date.today().isoformat(),
        "processor": f"{model}, {os.cpu_count()} processors, {'AVX-512' if 'avx512f' in info else 'AVX2' if 'avx2' in info else 'no AVX2'}",
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "java": first_line("java", "-version"),
        "compiler": first_line("g++", "--version"),
    }


def profile(threads):
    """By program and mode, what ActivityProfiler says."""
    out = {}
    for entry in jmh(r"ProgramBenchmark\.run$", "-p", f"threads={threads}", "-prof", PROFILER, "-wi", "2", "-w", "700ms", "-i", "1", "-r", "1"):
        out[label(entry)] = {k.split("device.")[1]: v["score"] for k, v in entry["secondaryMetrics"].items() if "device." in k}
    return out


def kernels(threads):
    """Milliseconds, bytes and arithmetic operations of the kernel families and products."""
    out = []
    for entry in jmh(r"(KernelBenchmark|MatmulBenchmark)\.", "-p", f"threads={threads}", "-prof", PROFILER, "-wi", "2", "-w", "400ms", "-i", "2",
                     "-r", "400ms"):
        device = {k.split("device.")[1]: v["score"] for k, v in entry["secondaryMetrics"].items() if "device." in k}
        out.append({"name": entry["benchmark"].split(".")[-1], "size": entry["params"].get("elements") or entry["params"]["shape"],
                    "ms": milliseconds(entry), **device})
    return out


def traces(threads):
    """Milliseconds of first and later runs, and around a change of k."""
    out = {}
    for entry in jmh(r"(TraceBenchmark|ChangeBenchmark)\.", "-p", f"threads={threads}"):
        program = entry["params"].get("program", "").lower()
        out[" ".join(filter(None, [program, entry["benchmark"].split(".")[-1]]))] = milliseconds(entry)
    return out


def checks(threads):
    """The lines of Checks.java."""
    done = subprocess.run(["java", "-cp", str(compare.JAR), "dev.jangada.benchmarks.Checks", str(threads)], check=True, stdout=subprocess.PIPE,
                          text=True)
    return [line.split() for line in done.stdout.splitlines() if line.startswith(("modes ", "subnormals ", "contention "))]


def lines(header, rows):
    """A table."""
    return ["| " + " | ".join(header) + " |", "|" + "---|" * len(header), *("| " + " | ".join(r) + " |" for r in rows), ""]


def section_programs(comparison):
    """Times, ratios and limits."""
    with_limits = not comparison.absent["limits"]
    header = ["", "", "Jangada", "PyTorch", "PyTorch / Jangada (range)"]
    header += [f"{t}, Jangada / it" for t in limits.KERNELS.values()] if with_limits else []
    rows = []
    for name in comparison.names:
        said = SAID[name]
        theirs = scaled(name, comparison.theirs(name))
        for mode in MODES:
            ours = scaled(name, comparison.ours(name, mode))
            if not ours:
                continue
            row = [said, mode, show(statistics.median(ours))]
            said = ""
            if theirs:
                middle, least, most = ratios(theirs, ours)
                row += [show(statistics.median(theirs)) if row[0] else "", f"{middle:.2f} ({least:.2f} to {most:.2f})"]
            else:
                row += ["", ""]
            for kernel in limits.KERNELS if with_limits else ():
                limit = comparison.limit(name, kernel)
                row.append(f"{show(statistics.median(limit))}, {ratios(ours, limit)[0]:.2f}" if limit else "")
            rows.append(row)
    out = ["## Programs", "", f"Medians of {len(comparison.rounds)} rounds, each a fresh process of all in turn; ratios are taken per round. Every"
           " time is that of the whole step, optimiser included.", "", *lines(header, rows)]
    for what, reason in comparison.absent.items():
        if reason:
            out += [f"Without {what}: {reason}.", ""]
    if with_limits:
        out += ["*Limit*: the same step fused by hand in C++ for these shapes alone (`peers/limit`, gradients checked), with matrix products by"
                " OpenBLAS, or by the backend's own kernel where that is faster.", ""]
    return out


def section_profile(found):
    """What the profiler says."""
    rows = []
    for name in PROGRAMS:
        for mode in MODES:
            p = found.get(f"{name} {mode}")
            if p:
                rows.append([SHORT[name], mode, f"{p['utilisation']:.0f} %", f"{p['peak']:.1f} %", f"{p['launches']:,.0f}", f"{p['hostCalls']:,.0f}",
                             f"{p['bytes'] / 1e6:,.3g}", f"{p['flops'] / 1e6:,.4g}"])
    header = ["", "", "device utilisation", "share of peak", "launches", "host calls", "MB moved", "MFLOP"]
    return ["## Where the time goes", "", f"Per step, by JMH's `-prof {PROFILER}`. *Device utilisation*: time of all threads inside kernels over"
            " threads x wall time. *Share of peak*: arithmetic per second over that of a product of two large square matrices, measured in the same"
            " process. *Host calls*: calls from Java to the backend.", "", *lines(header, rows)]


def section_kernels(found):
    """Bandwidth and arithmetic."""
    sizes = sorted({int(k["size"]) for k in found if k["size"].isdigit()})
    names = list(dict.fromkeys(k["name"] for k in found if k["size"].isdigit()))
    by = {(k["name"], k["size"]): k for k in found}
    rows = [[n, *(f"{by[n, str(s)]['bytes'] / by[n, str(s)]['ms'] / 1e6:.1f}" for s in sizes)] for n in sorted(names, key=lambda n: n != "copy")]
    out = ["## Kernel families", "", "GB/s moved by the kernels of one operation on float32, by number of elements; `copy` is the baseline.", "",
           *lines(["", *(f"{s:,}" for s in sizes)], rows)]
    shapes = list(dict.fromkeys(k["size"] for k in found if not k["size"].isdigit()))
    forms = ["plain", "rightTransposed", "leftTransposed"]
    rows = [[s, *(f"{by[f, s]['flops'] / by[f, s]['ms'] / 1e6:.0f}" for f in forms)] for s in shapes]
    return out + ["GFLOP/s of matrix products, rows x inner size x columns.", "",
                  *lines(["", "as they stand", "right one transposed", "left one transposed"], rows)]


def section_traces(found):
    """The price of a plan."""
    programs = [k[:-len(" firstRun")] for k in found if k.endswith(" firstRun")]
    rows = [[SHORT[p], show(found[f"{p} firstRun"]), show(found[f"{p} laterRun"])] for p in programs]
    return ["## Tracing", "", "The first run traces, makes the plan and compiles it.", "", *lines(["", "first run", "later run"], rows),
            "RBM in the middle of training: "
            f"a step of CD-1 takes {show(found['unchanged'])}, the first one of CD-3, traced anew, {show(found['retraced'])}; that and the first"
            f" one back at CD-1, whose plan is still there, {show(found['thereAndBack'])} together.", ""]


def section_checks(found):
    """Eager against captured, and steady under bad conditions."""
    both = [[SHORT[c[1]], show(float(c[3])), show(float(c[4])), f"{1 / float(c[5]):.2f}"] for c in found if c[0] == "modes"]
    said = {"subnormals": "3,000 steps on random labels at lr 0.01: a step of the first and of the last 300",
            "contention": "beside a process that keeps one processor busy: without and with it"}
    rows = [[said[c[0]], SHORT[c[1]], c[2], show(float(c[3])), show(float(c[4])), c[5]] for c in found if c[0] in said]
    return ["## Eager against captured", "", "In one process, in turn, 20 ms of each, or one step where that takes longer: whatever else the"
            " machine does hits both. Medians of all steps.", "", *lines(["", "eager", "captured", "eager / captured"], both),
            "## Steadiness", "", *lines(["", "", "", "before", "after", "ratio"], rows)]


def picture(comparison, file):
    """Writes the bar chart; returns whether there was something to show."""
    if comparison.absent["pytorch"]:
        return False
    rows = [f"Whole steps on the CPU, {comparison.threads} threads: times as fast as PyTorch {short_version(comparison)} from Python",
            "logarithmic; PyTorch stands at 1"]
    for name in comparison.names:
        theirs = comparison.theirs(name)
        bars = [f"{mode}={ratios(theirs, comparison.ours(name, mode))[0]}" for mode in MODES if comparison.ours(name, mode)]
        own = comparison.limit(name, "own")
        if name not in OPERATIONS:
            rows.append("\t".join([SHORT[name], *bars, *([f"fused by hand in C++={ratios(theirs, own)[0]}"] if own else [])]))
    with tempfile.TemporaryDirectory() as folder:
        table = pathlib.Path(folder) / "table.tsv"
        table.write_text("\n".join(rows) + "\n", encoding="utf-8")
        subprocess.run(["java", "-cp", str(compare.JAR), "dev.jangada.benchmarks.Chart", str(table), str(file)], check=True)
    return True


def short_version(comparison):
    return ".".join(comparison.version().split(".")[:2])


def commits(about, results):
    """The commit that was measured; if parts were measured at several, each with its parts."""
    parts = {}
    for part, commit in results.commits().items():
        parts.setdefault(commit, []).append(part)
    if len(parts) < 2:
        return f"commit {next(iter(parts), about.get('commit', 'unknown'))}"
    return "commits " + ", ".join(f"{commit} ({', '.join(names)})" for commit, names in parts.items())


def head(about, measured, options, comparison):
    """Machine, versions, date, command."""
    torch = [] if comparison is None or comparison.absent["pytorch"] else [f"- PyTorch {comparison.version()} from Python"]
    return ["# What was measured", "", "Written by `benchmarks/peers/report.py`; do not edit.", "",
            f"- {about['date']}, {measured}", f"- {about['processor']}; {about['memory']}; {about['system']}",
            f"- {about['java']}; {about['compiler']}", *torch, f"- {options.threads} threads of kernels",
            f"- command: `benchmarks/peers/report.py {shlex.join(told(options))}`", ""]


def told(options):
    """The options that decide what is measured."""
    out = ["--rounds", str(options.rounds), "--threads", str(options.threads)]
    return out + (["--without", *options.without] if options.without else [])


def main():
    parser = compare.parser("Measures, and writes the report.")
    parser.add_argument("--parts", nargs="+", default=PARTS, choices=PARTS)
    parser.add_argument("--out", default=str(OUT))
    options = parser.parse_args()
    results = compare.Results(options.results, options.fresh)
    about = results.part("machine", machine)
    out = pathlib.Path(options.out)
    comparison = None
    if "compare" in options.parts or results.has(f"threads{options.threads}-round1-jangada"):
        if "compare" not in options.parts:
            options.rounds = sum(results.has(f"threads{options.threads}-round{i}-limits") for i in range(1, options.rounds + 1)) or 1
        comparison = compare.compare(options, results)
    text = []
    if comparison:
        image = out.with_suffix(".png").name.lower()
        if picture(comparison, out.parent / image):
            text += [f"![Speed against PyTorch]({image})", ""]
        text += section_programs(comparison)
    for name, measure, section in [("profile", profile, section_profile), ("kernels", kernels, section_kernels),
                                   ("traces", traces, section_traces), ("checks", checks, section_checks)]:
        part = f"threads{options.threads}-{name}"
        if name in options.parts or results.has(part):
            text += section(results.part(part, lambda f=measure: f(options.threads)))
    text = head(about, commits(about, results), options, comparison) + text  # now all parts are measured
    out.write_text("\n".join(text), encoding="utf-8")
    print(f"{out} is written", file=sys.stderr)


if __name__ == "__main__":
    main()
