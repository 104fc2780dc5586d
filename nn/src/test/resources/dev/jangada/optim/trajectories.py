"""Writes trajectories.txt from the conformance corpus (values recorded from PyTorch 1.13.1).

    python3 trajectories.py 08_optimizers.jsonl.gz > trajectories.txt

Each case is four lines: the optimiser and its options, the start, the gradients of all steps, the values after each step.
"""
import gzip
import json
import sys


def text(tensor):
    return " ".join(repr(v) for v in tensor["data"])


with gzip.open(sys.argv[1], "rt") as lines:
    for line in lines:
        case = json.loads(line)
        args = case["args"]
        if case["op"] != "optimizer" or args["optimizer"] not in ("SGD", "Adam") or set(args) != {"optimizer", "options"}:
            continue
        named = {t["name"]: t for t in case["inputs"] + case["outputs"]}
        start, grads = case["inputs"][0], named["g0"]
        if case["error"] or start["dtype"] != "float32" or start["shape"] != [3]:
            continue
        options = [f"{k}={v}".replace(" ", "") for k, v in args["options"].items()]
        print(args["optimizer"], *options)
        print(text(start), text(grads), text(named["p0"]), sep="\n")
