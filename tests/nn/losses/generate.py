#!/usr/bin/env python3
"""Losses as PyTorch computes them: generate.py tests/nn/losses/torch_losses.json (python3-torch)."""

import itertools
import json
import sys

import torch
import torch.nn.functional as F

torch.manual_seed(7)
DOUBLE = torch.float64


def normal(*shape, scale=1.0):
    return torch.randn(shape, dtype=DOUBLE) * scale


def uniform(*shape, low=0.0, high=1.0):
    return low + (high - low) * torch.rand(shape, dtype=DOUBLE)


def signs(*shape):
    return torch.where(torch.rand(shape) < 0.5, -1.0, 1.0).to(DOUBLE)


def rows(n, classes):
    return torch.softmax(normal(n, classes), 1)


def tensor(values):
    return None if values is None else torch.tensor(values, dtype=DOUBLE)


def cross_entropy(z, t, o):
    ignored = {"ignore_index": o["ignore_index"]} if "ignore_index" in o else {}
    return F.cross_entropy(z, t, weight=tensor(o.get("class_weights")), reduction=o["reduction"],
                           label_smoothing=o.get("label_smoothing", 0.0), **ignored)


def nll(y, t, o):
    ignored = {"ignore_index": o["ignore_index"]} if "ignore_index" in o else {}
    return F.nll_loss(y, t, weight=tensor(o.get("class_weights")), reduction=o["reduction"], **ignored)


def multi_margin(s, t, o):
    loss = F.multi_margin_loss(s, t, p=2 if o.get("squared") else 1, margin=o.get("margin", 1.0),
                               reduction=o["reduction"])
    return loss if o.get("averages_classes") else loss * s.shape[1]


def kl_div(y, t, o):
    reduction = "batchmean" if o["reduction"] == "mean" and o.get("batch_mean") else o["reduction"]
    return F.kl_div(y, t, reduction=reduction, log_target=o.get("log_target", False))


def hinge(y, t, o):
    terms = torch.clamp(o.get("margin", 1.0) - t * y, min=0)
    return {"mean": terms.mean, "sum": terms.sum, "none": lambda: terms}[o["reduction"]]()


LOSSES = {
    "mse_loss": lambda y, t, o: F.mse_loss(y, t, reduction=o["reduction"]),
    "l1_loss": lambda y, t, o: F.l1_loss(y, t, reduction=o["reduction"]),
    "huber_loss": lambda y, t, o: F.huber_loss(y, t, delta=o.get("delta", 1.0), reduction=o["reduction"]),
    "smooth_l1_loss": lambda y, t, o: F.smooth_l1_loss(y, t, beta=o.get("beta", 1.0), reduction=o["reduction"]),
    "poisson_nll_loss": lambda y, t, o: F.poisson_nll_loss(
        y, t, log_input=o.get("log_input", True), full=o.get("full", False), reduction=o["reduction"]),
    "binary_cross_entropy": lambda p, t, o: F.binary_cross_entropy(
        p, t, weight=tensor(o.get("weight")), reduction=o["reduction"]),
    "binary_cross_entropy_with_logits": lambda z, t, o: F.binary_cross_entropy_with_logits(
        z, t, weight=tensor(o.get("weight")), pos_weight=tensor(o.get("pos_weight")), reduction=o["reduction"]),
    "hinge_loss": hinge,
    "kl_div": kl_div,
    "cosine_embedding_loss": lambda a, b, t, o: F.cosine_embedding_loss(
        a, b, t, margin=o.get("margin", 0.0), reduction=o["reduction"]),
    "cross_entropy": cross_entropy,
    "nll_loss": nll,
    "multi_margin_loss": multi_margin,
}


def cases():
    y, t = normal(4, 3, scale=2), normal(4, 3)
    for loss in ("mse_loss", "l1_loss", "huber_loss", "smooth_l1_loss"):
        yield loss, {}, [y], [t]
    yield "huber_loss", {"delta": 0.3}, [y], [t]
    yield "smooth_l1_loss", {"beta": 0.3}, [y], [t]
    yield "smooth_l1_loss", {"beta": 0.0}, [y], [t]
    yield "mse_loss", {}, [normal()], [normal()]

    counts = torch.tensor([[0.0, 1.0, 2.0], [5.0, 1.0, 0.0]], dtype=DOUBLE)
    yield "poisson_nll_loss", {}, [normal(2, 3)], [counts]
    yield "poisson_nll_loss", {"full": True}, [normal(2, 3)], [counts]
    yield "poisson_nll_loss", {"log_input": False}, [uniform(2, 3, low=0.1, high=4)], [counts]

    probabilities, truths = uniform(4, 3, low=0.01, high=0.99), uniform(4, 3)
    weights = [[0.5, 2.0, 0.0]]
    yield "binary_cross_entropy", {}, [probabilities], [truths]
    yield "binary_cross_entropy", {"weight": weights}, [probabilities], [truths]
    yield "binary_cross_entropy_with_logits", {}, [y], [truths]
    yield "binary_cross_entropy_with_logits", {"weight": weights}, [y], [truths]
    yield "binary_cross_entropy_with_logits", {"pos_weight": [3.0, 1.0, 0.5]}, [y], [truths]
    yield "binary_cross_entropy_with_logits", {"weight": weights, "pos_weight": [3.0, 1.0, 0.5]}, [y], [truths]
    yield "hinge_loss", {}, [y], [signs(4, 3)]
    yield "hinge_loss", {"margin": 0.2}, [y], [signs(4, 3)]

    log_q, p = torch.log_softmax(normal(4, 3), 1), rows(4, 3)
    p[1, 2] = 0
    yield "kl_div", {}, [log_q], [p]
    yield "kl_div", {"batch_mean": True}, [log_q], [p]
    yield "kl_div", {"log_target": True}, [log_q], [torch.log_softmax(normal(4, 3), 1)]
    yield "cosine_embedding_loss", {}, [normal(6, 4), normal(6, 4)], [signs(6)]
    yield "cosine_embedding_loss", {"margin": 0.4}, [normal(6, 4), normal(6, 4)], [signs(6)]

    z, labels = normal(5, 4, scale=3), torch.tensor([0, 3, 2, 3, 1])
    class_weights = [0.5, 1.0, 2.0, 0.25]
    for weighted, smoothing, ignored in itertools.product((False, True), (0.0, 0.1, 1.0), (None, 3, -100)):
        options = {"class_weights": class_weights} if weighted else {}
        if smoothing:
            options["label_smoothing"] = smoothing
        target = labels.clone()
        if ignored is not None:
            options["ignore_index"] = ignored
            target[1] = ignored
        yield "cross_entropy", options, [z], [target]
        if not smoothing:
            yield "nll_loss", options, [torch.log_softmax(z, 1)], [target]
    for options in ({}, {"class_weights": class_weights}, {"label_smoothing": 0.2},
                    {"class_weights": class_weights, "label_smoothing": 0.2}):
        yield "cross_entropy", options, [z], [rows(5, 4)]
    yield "multi_margin_loss", {}, [z], [labels]
    yield "multi_margin_loss", {"margin": 2.5}, [z], [labels]
    yield "multi_margin_loss", {"squared": True}, [z], [labels]
    yield "multi_margin_loss", {"averages_classes": True}, [z], [labels]


def stored(x):
    return {"shape": list(x.shape), "values": x.detach().flatten().tolist(),
            "integral": not x.is_floating_point()}


def run(loss, options, inputs, targets):
    inputs = [x.clone().requires_grad_() for x in inputs]
    value = LOSSES[loss](*inputs, *targets, options)
    seed = torch.arange(1.0, value.numel() + 1, dtype=DOUBLE).reshape(value.shape)
    gradients = torch.autograd.grad(value, inputs, seed)
    return {"loss": loss, "options": options, "inputs": [stored(x) for x in inputs],
            "targets": [stored(t) for t in targets], "value": stored(value),
            "gradients": [stored(g) for g in gradients]}


if __name__ == "__main__":
    results = [run(loss, {**options, "reduction": reduction}, inputs, targets)
               for loss, options, inputs, targets in cases() for reduction in ("mean", "sum", "none")]
    with open(sys.argv[1], "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(result) for result in results) + "\n]\n")
