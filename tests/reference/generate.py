#!/usr/bin/python3
"""Draws random expression graphs and writes them with PyTorch's values and derivatives.

    tests/reference/generate.py [--graphs N] [--seed S] FILE.jsonl.gz

Needs Debian's python3-torch and python3-numpy. replay_test.cpp reads the file.

Every line is a graph in JSON: "inputs" and "steps" are numbered through, a step naming those it takes; the last step
is the root. Graphs
"of_numbers" have elementwise ops of numbers alone. "value" is the root's, "grads" those of the inputs for the gradient "seed" that arrives at the root. Where
"second" stands, "grads" in it are the derivatives of sum_i sum(weights_i * grads_i) with respect to the inputs.
"""

import argparse
import gzip
import json

import numpy as np
import torch

from ops import ELEMENTWISE, OPS

LARGEST = 50.0  # values beyond leave the domains of most ops
MOST_ELEMENTS = 48

# A graph is kept when its results are well-conditioned: inputs changed by `NUDGE`, relatively, must not change them by
# more than these. What is lost then is lost by any implementation that rounds.
NUDGE = 1e-12
MOST_CHANGE = {"value": 2e-10, "grads": 2e-9, "second": 2e-8}

NUMBERS = [()]

# Broadcasting happens inside a family.
FAMILIES = [
    [(), (3,), (2, 3), (2, 1), (1, 3)],
    [(), (4,), (3, 4), (3, 1), (1,)],
    [(2, 3, 4), (3, 4), (4,), (3, 1), (1, 4), ()],
    [(2, 1, 2, 3), (2, 3), (4, 1, 3), (1,), ()],
    [(3, 3), (3,), (1, 3), ()],
    [(3, 3), (3, 2), (2, 3), (3,)],
    [(2, 2), (2, 2, 2), (2,), (2, 3)],
    NUMBERS,
]


class Graph:
    """A graph while it is drawn: values are torch tensors."""

    def __init__(self, rng, counts, of_numbers):
        self.rng = rng
        self.of_numbers = of_numbers  # replayed with Scalars too
        self.counts = {op: n for op, n in counts.items() if op in ELEMENTWISE or not of_numbers}  # in other graphs
        self.inputs = []
        self.steps = []
        self.values = []
        self.uses = []

    def add_input(self, value):
        self.inputs.append(value)
        self.values.append(value)
        self.uses.append(0)

    def pick(self):
        """A value: rather one that nobody has used yet, rather a late one."""
        n = len(self.values)
        weights = np.array([(4.0 if self.uses[i] == 0 else 1.0) * (1 + i / n) for i in range(n)])
        return int(self.rng.choice(n, p=weights / weights.sum()))

    def try_step(self, name, operands, attributes, constants=()):
        """Applies an op to values and to constants made for it; False, and nothing has changed, where the result
        leaves the numbers that all ops can work with."""
        op = OPS[name]
        result = op.apply(op.order([self.values[i] for i in operands], list(constants)), attributes)
        if result.numel() > MOST_ELEMENTS or not bool(torch.isfinite(result).all()):
            return False
        if result.numel() == 0 or float(result.abs().max()) > LARGEST:
            return False
        places = [self.append_constant(c) for c in constants]
        step = {"op": name, "in": op.order(operands, places)}
        self.append({**step, "with": attributes} if attributes else step, result)
        for i in step["in"]:
            self.uses[i] += 1
        return True

    def append_constant(self, value):
        return self.append({"op": "constant", "shape": list(value.shape), "data": numbers(value)}, value)

    def append(self, step, value):
        self.steps.append(step)
        self.values.append(value)
        self.uses.append(0)
        return len(self.values) - 1

    def draw_step(self):
        rarity = np.array([1 / (5 + n) for n in self.counts.values()])
        name = str(self.rng.choice(list(self.counts), p=rarity / rarity.sum()))
        op = OPS[name]
        operands = [self.pick() for _ in range(op.draw_count(self.rng))]
        if op.prepare:
            operands = [op.prepare(self, i) for i in operands]
            if None in operands:
                return
        taken = [self.values[i] for i in operands]
        attributes, constants = op.draw_attributes(taken, self.rng)
        if attributes is not None and op.accepts(taken, attributes):
            self.try_step(name, operands, attributes, constants)

    def close(self):
        """Brings all loose ends together, so that no step is for nothing."""
        loose = [i for i in range(len(self.values)) if self.uses[i] == 0 and i != len(self.values) - 1
                 and self.values[i].requires_grad]
        for i in loose:
            last = len(self.values) - 1
            if not self.of_numbers:
                if not self.try_step("mean", [i], {}):
                    return False
                i = len(self.values) - 1
            if not self.try_step("add", [last, i], {}):
                return False
        return True


def numbers(tensor):
    return [float(v) for v in tensor.detach().reshape(-1)]


def draw_graph(rng, counts):
    family = FAMILIES[rng.integers(len(FAMILIES))]
    graph = Graph(rng, counts, family == NUMBERS)
    for _ in range(rng.integers(1, 5)):
        shape = family[rng.integers(len(family))]
        low, high = [(-2, 2), (0.1, 2), (-0.9, 0.9), (0.5, 4)][rng.integers(4)]
        data = np.round(rng.uniform(low, high, shape), 4)
        graph.add_input(torch.tensor(data).requires_grad_())
    wanted = int(rng.choice([rng.integers(2, 8), rng.integers(8, 25), rng.integers(25, 56)]))
    tries = 0
    while len(graph.steps) < wanted and tries < 60 * wanted:
        graph.draw_step()
        tries += 1
    if not graph.close() or len(graph.steps) < 2 or len(graph.steps) > 60:
        return None
    return graph if graph.values[-1].requires_grad else None


def replay(steps, inputs):
    values = list(inputs)
    for step in steps:
        if step["op"] == "constant":
            values.append(torch.tensor(step["data"]).reshape(step["shape"]))
        else:
            values.append(OPS[step["op"]].apply([values[i] for i in step["in"]], step.get("with", {})))
    return values[-1]


def results(steps, inputs, seed, weights):
    """Everything that is compared."""
    inputs = [x.detach().clone().requires_grad_() for x in inputs]
    root = replay(steps, inputs)
    grads = torch.autograd.grad(root, inputs, seed, create_graph=weights is not None, allow_unused=True)
    grads = [torch.zeros_like(x) if g is None else g for g, x in zip(grads, inputs)]
    found = {"value": [root.detach()], "grads": [g.detach() for g in grads]}
    if weights is not None:
        total = sum((g * w).sum() for g, w in zip(grads, weights))
        second = [None] * len(inputs)
        if total.requires_grad:
            second = torch.autograd.grad(total, inputs, allow_unused=True)
        found["second"] = [torch.zeros_like(x) if g is None else g for g, x in zip(second, inputs)]
    return found


def distance(a, b):
    """The largest difference, relative to the largest element of its tensor."""
    worst = 0.0
    for x, y in zip(a, b):
        if x.numel() == 0:
            continue
        scale = max(float(x.abs().max()), 1e-3)
        worst = max(worst, float((x - y).abs().max()) / scale)
    return worst


def is_well_conditioned(steps, inputs, seed, weights, found, rng):
    for _ in range(2):
        nudged = [x.detach() * (1 + NUDGE * torch.tensor(rng.uniform(-1, 1, tuple(x.shape)))) for x in inputs]
        other = results(steps, nudged, seed, weights)
        for what, limit in MOST_CHANGE.items():
            if what in found and not distance(found[what], other[what]) < limit:
                return False
    return True


def line_of(graph, rng, with_second):
    root = graph.values[-1]
    seed = torch.tensor(np.round(rng.uniform(0.5, 1.5, tuple(root.shape)), 4))
    weights = None
    if with_second:
        weights = [torch.tensor(np.round(rng.uniform(0.5, 1.5, tuple(x.shape)), 4))
                   for x in graph.inputs]
    found = results(graph.steps, graph.inputs, seed, weights)
    everything = [t for part in found.values() for t in part]
    if not all(bool(torch.isfinite(t).all()) and float(t.abs().max()) < 1e6 for t in everything if t.numel()):
        return None
    if all(float(t.abs().max()) == 0 for t in found["grads"] if t.numel()):
        return None
    if not is_well_conditioned(graph.steps, graph.inputs, seed, weights, found, rng):
        return None
    line = {
        "of_numbers": graph.of_numbers,
        "inputs": [{"shape": list(x.shape), "data": numbers(x)} for x in graph.inputs],
        "steps": graph.steps,
        "shape": list(root.shape),
        "value": numbers(root),
        "seed": numbers(seed),
        "grads": [numbers(g) for g in found["grads"]],
    }
    if with_second:
        line["second"] = {"weights": [numbers(w) for w in weights], "grads": [numbers(g) for g in found["second"]]}
    return json.dumps(line, separators=(",", ":"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file")
    parser.add_argument("--graphs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    rng = np.random.default_rng(arguments.seed)
    lines, counts = [], {name: 0 for name in OPS}
    while len(lines) < arguments.graphs:
        graph = draw_graph(rng, counts)
        line = graph and line_of(graph, rng, with_second=len(lines) % 10 == 0)
        if not line:
            continue
        lines.append(line)
        for step in graph.steps:
            if step["op"] in counts:
                counts[step["op"]] += 1
    with gzip.GzipFile(arguments.file, "wb", compresslevel=9, mtime=0) as file:
        file.write(("\n".join(lines) + "\n").encode())
    steps = sum(counts.values())
    print(f"{len(lines)} graphs of {steps} steps; {len(counts)} ops, the rarest: "
          + ", ".join(f"{n} {c}" for n, c in sorted(counts.items(), key=lambda e: e[1])[:8]))


if __name__ == "__main__":
    main()
