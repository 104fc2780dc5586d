#!/usr/bin/env python3
"""Builds and runs the limit programs: the training steps fused by hand in C++, on OpenBLAS and on the backend's own matrix kernel.

Usage: limits.py [--check] [--rounds 5] [--threads 2] [--seconds 1]
--check compares the gradients of each program with a plain implementation in float64, tests the matrix kernel between pages that must not
be touched, and runs nothing else.
Needs g++ and an OpenBLAS: that of benchmarks.jar, else the system's.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
JAR = HERE.parent / "target" / "benchmarks.jar"
HEADERS = HERE.parent.parent / "backend-cpu" / "src" / "main" / "cpp"
PROGRAMS = ["mlp", "gelu", "rbm", "lstm"]
PRODUCTS = "products"
KERNELS = {"openblas": "limit (OpenBLAS)", "own": "limit (own)"}


def why_not():
    """Returns why the programs cannot be built here, or None."""
    flags = pathlib.Path("/proc/cpuinfo").read_text() if pathlib.Path("/proc/cpuinfo").exists() else ""
    if "avx2" not in flags or "fma" not in flags:
        return "the limit programs need a processor with AVX2"
    return None if shutil.which("g++") else "the limit programs need g++: apt-get install g++"


def fast_openblas():
    """Debian's OpenBLAS takes newer processors for a Prescott (SSE3): name what they can, or it runs at a fifth of its speed."""
    flags = pathlib.Path("/proc/cpuinfo").read_text()
    core = "SkylakeX" if "avx512f" in flags else "Haswell" if "avx2" in flags else None
    return {"OPENBLAS_CORETYPE": core, **os.environ} if core else dict(os.environ)


class Limits:
    """The programs, built into a directory that goes with this object."""

    def __init__(self, names=None):
        self.names = PROGRAMS if names is None else names
        self.directory = tempfile.TemporaryDirectory()
        self.place = pathlib.Path(self.directory.name)
        wide = ["-DLIMIT_AVX512"] if "avx512dq" in pathlib.Path("/proc/cpuinfo").read_text() else []
        for name in [*self.names, PRODUCTS]:
            subprocess.run(
                ["g++", "-O3", "-std=c++17", "-fno-math-errno", "-fno-trapping-math", "-pthread", *wide, "-w", "-I", str(HEADERS),
                 str(HERE / "limit" / f"{name}.cpp"), "-o", str(self.place / name), "-ldl"],
                check=True)
        self.blas = self._blas()

    def _blas(self):
        """The library that Jangada loads, out of the jar with what it depends on; else the system's."""
        if JAR.exists():
            with zipfile.ZipFile(JAR) as jar:
                for entry in jar.namelist():
                    if entry.startswith("org/bytedeco/openblas/linux-x86_64/lib") and ".so" in entry:
                        (self.place / pathlib.Path(entry).name).write_bytes(jar.read(entry))
        found = sorted(self.place.glob("libopenblas.so*"))
        return str(found[-1]) if found else "libopenblas.so.0"

    def _run(self, name, kernel, threads, *more):
        return subprocess.run(
            [str(self.place / name), "--kernel", kernel, "--threads", str(threads), "--blas", self.blas, *more],
            capture_output=True, text=True, env=fast_openblas())

    def check(self, threads):
        """Prints what each program says of its gradients; returns whether all are right."""
        done = subprocess.run([str(self.place / PRODUCTS)], capture_output=True, text=True)
        right = done.returncode == 0
        print(f"{PRODUCTS}: {'right' if right else 'WRONG'}\n{done.stderr}")
        for name in self.names:
            for kernel in KERNELS:
                done = self._run(name, kernel, threads, "--check")
                print(f"{name} {kernel}: {'right' if done.returncode == 0 else 'WRONG'}\n{done.stderr}")
                right = right and done.returncode == 0
        return right

    def milliseconds(self, threads, seconds=1.0):
        """Median milliseconds of a step by program and kernel."""
        out = {}
        for name in self.names:
            for kernel in KERNELS:
                done = self._run(name, kernel, threads, "--seconds", str(seconds))
                if done.returncode != 0:
                    raise RuntimeError(f"{name} on {kernel} failed: {done.stderr}")
                out.setdefault(name, {})[kernel] = float(done.stdout)
        return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=1.0)
    options = parser.parse_args()
    if why_not():
        sys.exit(why_not())
    limits = Limits()
    if options.check:
        sys.exit(0 if limits.check(options.threads) else 1)
    rounds = [limits.milliseconds(options.threads, options.seconds) for _ in range(options.rounds)]
    print(f"{'step':6} " + " ".join(f"{title:>18}" for title in KERNELS.values()) + f"  (ms, medians of {len(rounds)} rounds, {options.threads} threads)")
    for name in PROGRAMS:
        print(f"{name:6} " + " ".join(f"{statistics.median(r[name][k] for r in rounds):18.3f}" for k in KERNELS))


if __name__ == "__main__":
    main()
