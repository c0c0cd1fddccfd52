#!/usr/bin/python3
"""Writes trajectories of PyTorch's optimizers and values of its learning-rate schedules.

    tests/nn/optimizers/reference.py tests/nn/optimizers/reference.json.gz

Needs Debian's python3-torch (1.13) and python3-numpy. reference_test.cpp replays the file. Everything is in double.

A trajectory has a "problem", an optimizer, the options of its groups and which parameters each has, and the values of
all parameters after some of its steps. "missing": [p, q] lets parameter i be without a gradient at every step t with
(t + i) % p == q.

Lion is not in PyTorch: it is written here as in its paper (X. Chen et al. 2023, algorithm 2). NAdam runs with
foreach=True: the other way PyTorch 1.13 has mu_t twice in a product, which later versions do not.
"""

import gzip
import json
import sys
import warnings

import numpy as np
import torch

warnings.simplefilter("ignore")
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

STEPS = 50
SHOWN = [1, 2, 3, 5, 10, 20, 30, 40, 50]

rng = np.random.default_rng(7)


def numbers(*shape):
    return np.round(rng.uniform(-1, 1, shape), 3)


# quadratic: sum of curvature (p - centre)^2 / 2 over all elements, badly conditioned. rosenbrock: of the first
# parameter, of two elements. network: mean squared error of tanh(x w1 + b1) w2 + b2.
PROBLEMS = {
    "quadratic": {
        "start": [numbers(3, 2), numbers(4), numbers()],
        "centre": [numbers(3, 2), numbers(4), numbers()],
        "curvature": [np.geomspace(0.01, 10, 6).reshape(3, 2), np.geomspace(8, 0.02, 4), np.array(1.0)],
    },
    "rosenbrock": {"start": [np.array([-1.2, 1.0])]},
    "network": {
        "start": [numbers(2, 3), numbers(3), numbers(3, 1), numbers(1)],
        "x": numbers(8, 2),
        "y": numbers(8, 1),
    },
}


def loss_of(name, p, active):
    """The loss with respect to the parameters that are active; the others count as constants."""
    problem = PROBLEMS[name]
    p = [x if is_active else x.detach() for x, is_active in zip(p, active)]
    if name == "quadratic":
        terms = zip(p, problem["centre"], problem["curvature"])
        return sum((torch.tensor(k) * (x - torch.tensor(c)) ** 2 / 2).sum() for x, c, k in terms)
    if name == "rosenbrock":
        return (1 - p[0][0]) ** 2 + 100 * (p[0][1] - p[0][0] ** 2) ** 2
    y = torch.tanh(torch.tensor(problem["x"]) @ p[0] + p[1]) @ p[2] + p[3]
    return ((y - torch.tensor(problem["y"])) ** 2).mean()


class Lion(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay))

    def step(self, closure=None):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                m = self.state[p].get("m", np.zeros(tuple(p.shape)))
                g, value = p.grad.numpy(), p.detach().numpy()
                c = beta1 * m + (1 - beta1) * g
                value = value - group["lr"] * (np.sign(c) + group["weight_decay"] * value)
                self.state[p]["m"] = beta2 * m + (1 - beta2) * g
                p.data.copy_(torch.tensor(value))


OPTIMIZERS = {
    "SGD": torch.optim.SGD,
    "AdaGrad": torch.optim.Adagrad,
    "RMSProp": torch.optim.RMSprop,
    "Adadelta": torch.optim.Adadelta,
    "Adam": torch.optim.Adam,
    "AdamW": torch.optim.AdamW,
    "NAdam": lambda params, **options: torch.optim.NAdam(params, foreach=True, **options),
    "Lion": Lion,
    "LBFGS": lambda params, **options: torch.optim.LBFGS(params, line_search_fn="strong_wolfe", **options),
}

# Gradus's names of options, where they differ.
TORCH_NAMES = {"epsilon": "eps", "initial_accumulator": "initial_accumulator_value"}


def torch_options(options):
    result = {TORCH_NAMES.get(name, name): value for name, value in options.items()}
    if "beta1" in result:
        result["betas"] = (result.pop("beta1"), result.pop("beta2"))
    return result


def trajectory(optimizer, problem, options, groups=None, missing=None, steps=STEPS):
    params = [torch.tensor(x, requires_grad=True) for x in PROBLEMS[problem]["start"]]
    groups = groups or [{"parameters": list(range(len(params))), "options": options}]
    opt = OPTIMIZERS[optimizer](
        [{"params": [params[i] for i in g["parameters"]], **torch_options(g["options"])} for g in groups],
        **torch_options(options),
    )
    shown = {}
    for step in range(1, steps + 1):
        active = [missing is None or (step + i) % missing[0] != missing[1] for i in range(len(params))]

        def closure():
            opt.zero_grad(set_to_none=True)
            loss = loss_of(problem, params, active)
            loss.backward()
            return loss

        if optimizer == "LBFGS":
            opt.step(closure)
        else:
            closure()
            opt.step()
        if step in SHOWN:
            shown[step] = np.concatenate([p.detach().numpy().ravel() for p in params]).tolist()
    result = {"optimizer": optimizer, "problem": problem, "groups": groups, "values": shown}
    if missing:
        result["missing"] = missing
    return result


OPTION_SETS = {
    "SGD": [
        {"lr": 0.05},
        {"lr": 0.02, "momentum": 0.9},
        {"lr": 0.02, "momentum": 0.9, "dampening": 0.5},
        {"lr": 0.02, "momentum": 0.8, "nesterov": True},
        {"lr": 0.05, "weight_decay": 0.1},
        {"lr": 0.02, "momentum": 0.9, "nesterov": True, "weight_decay": 0.05},
        {"lr": 0.001, "momentum": 0.5, "maximize": True, "weight_decay": 0.05},
    ],
    "AdaGrad": [
        {"lr": 0.1},
        {"lr": 0.1, "lr_decay": 0.05},
        {"lr": 0.2, "initial_accumulator": 0.5, "epsilon": 1e-3},
        {"lr": 0.1, "lr_decay": 0.01, "weight_decay": 0.1},
    ],
    "RMSProp": [
        {"lr": 0.01},
        {"lr": 0.01, "alpha": 0.9, "epsilon": 1e-4},
        {"lr": 0.005, "momentum": 0.9},
        {"lr": 0.01, "centered": True, "epsilon": 1e-3},
        {"lr": 0.005, "centered": True, "momentum": 0.5, "weight_decay": 0.1, "epsilon": 1e-2},
    ],
    "Adadelta": [
        {"lr": 1.0},
        {"lr": 0.5, "rho": 0.7, "epsilon": 1e-3},
        {"lr": 1.0, "rho": 0.95, "epsilon": 1e-4, "weight_decay": 0.1},
    ],
    "Adam": [
        {"lr": 0.01},
        {"lr": 0.05, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3},
        {"lr": 0.02, "weight_decay": 0.1},
        {"lr": 0.05, "beta1": 0.9, "beta2": 0.9, "amsgrad": True},
        {"lr": 0.02, "amsgrad": True, "weight_decay": 0.05},
    ],
    "AdamW": [
        {"lr": 0.01},
        {"lr": 0.05, "beta1": 0.8, "beta2": 0.95, "weight_decay": 0.2},
        {"lr": 0.02, "amsgrad": True, "weight_decay": 0.1},
        {"lr": 0.02, "weight_decay": 0.0},
    ],
    "NAdam": [
        {"lr": 0.01},
        {"lr": 0.02, "beta1": 0.8, "beta2": 0.95, "momentum_decay": 0.1},
        {"lr": 0.02, "weight_decay": 0.1, "epsilon": 1e-3},
    ],
    "Lion": [
        {"lr": 0.01},
        {"lr": 0.02, "beta1": 0.8, "beta2": 0.95, "weight_decay": 0.1},
    ],
}


def trajectories():
    for optimizer, sets in OPTION_SETS.items():
        for options in sets:
            yield trajectory(optimizer, "quadratic", options)
        yield trajectory(optimizer, "network", sets[0])
        yield trajectory(optimizer, "network", sets[-1], missing=[4, 3])
        yield trajectory(optimizer, "quadratic", sets[-1], missing=[3, 1])
        yield trajectory(optimizer, "rosenbrock", {**sets[1], "lr": sets[1]["lr"] / 20})
        first, other = sets[0], {**sets[-1], "lr": sets[-1]["lr"] / 7, "weight_decay": 0.03}
        groups = [{"parameters": [0], "options": first}, {"parameters": [1, 2], "options": other}]
        yield trajectory(optimizer, "quadratic", first, groups=groups)
    for problem, options, steps in [
        ("quadratic", {"max_iter": 2}, 10),
        ("quadratic", {"max_iter": 3, "history_size": 3, "lr": 0.5}, 10),
        ("rosenbrock", {"max_iter": 1}, 30),
        ("rosenbrock", {"max_iter": 4, "history_size": 5}, 8),
        ("rosenbrock", {"max_iter": 20, "max_eval": 7}, 5),
        ("rosenbrock", {"max_iter": 20, "tolerance_grad": 1e-3, "tolerance_change": 1e-4}, 5),
        ("network", {"max_iter": 2}, 10),
        ("network", {"max_iter": 5, "history_size": 2, "lr": 0.3}, 5),
    ]:
        yield trajectory("LBFGS", problem, options, steps=steps)


def rates(make, steps):
    """The learning rates of steps 0 ... steps - 1; make(optimizer) gives one of PyTorch's schedulers."""
    opt = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    scheduler = make(opt)
    values = [opt.param_groups[0]["lr"]]
    for _ in range(steps - 1):
        opt.step()
        scheduler.step()
        values.append(opt.param_groups[0]["lr"])
    return values


lr = torch.optim.lr_scheduler


def one_cycle(opt, steps, options):
    return lr.OneCycleLR(
        opt,
        0.3,
        total_steps=steps,
        pct_start=options.get("rise", 0.3),
        anneal_strategy="linear" if options.get("linear") else "cos",
        cycle_momentum=False,
        div_factor=options.get("initial_divisor", 25),
        final_div_factor=options.get("final_divisor", 1e4),
    )


def schedules():
    def entry(name, arguments, make, steps=40):
        return {"name": name, "arguments": arguments, "values": rates(make, steps)}

    yield entry("step_decay", {"factor": 0.7, "every": 6}, lambda o: lr.StepLR(o, 6, 0.7))
    yield entry("multi_step", {"factor": 0.4, "milestones": [3, 10, 25]}, lambda o: lr.MultiStepLR(o, [3, 10, 25], 0.4))
    yield entry("exponential", {"factor": 0.93}, lambda o: lr.ExponentialLR(o, 0.93))
    yield entry("inverse_time", {"k": 0.2}, lambda o: lr.LambdaLR(o, lambda t: 1 / (1 + 0.2 * t)))
    yield entry("cosine", {"steps": 40, "min_lr": 0.01}, lambda o: lr.CosineAnnealingLR(o, 40, 0.01))
    yield entry("cosine", {"steps": 12, "min_lr": 0}, lambda o: lr.CosineAnnealingLR(o, 12))
    restarts = lr.CosineAnnealingWarmRestarts
    yield entry("cosine_restarts", {"steps": 7, "factor": 1, "min_lr": 0.02}, lambda o: restarts(o, 7, 1, 0.02))
    yield entry("cosine_restarts", {"steps": 4, "factor": 2, "min_lr": 0}, lambda o: restarts(o, 4, 2), 80)
    yield entry("cosine_restarts", {"steps": 1, "factor": 3, "min_lr": 0}, lambda o: restarts(o, 1, 3))
    for options in [{}, {"linear": True}, {"rise": 0.5, "initial_divisor": 10, "final_divisor": 100}]:
        yield entry("one_cycle", {"steps": 30, **options}, lambda o: one_cycle(o, 30, options), 30)
    yield entry(
        "warm_up",
        {"steps": 8, "start_factor": 0.1, "factor": 0.9},
        lambda o: lr.SequentialLR(
            o, [lr.LinearLR(o, 0.1, total_iters=8), lr.ExponentialLR(o, 0.9)], milestones=[8]
        ),
    )


def plateaus():
    metrics = np.round(np.abs(np.cumsum(rng.normal(-0.02, 0.08, 60)) + 2), 4).tolist()
    for options in [
        {"patience": 2},
        {"patience": 1, "factor": 0.5, "cooldown": 3, "min_lr": 0.01},
        {"patience": 3, "maximize": True, "threshold": 0.05, "factor": 0.3},
        {"patience": 0, "absolute": True, "threshold": 0.1, "factor": 0.8},
    ]:
        opt = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
        plateau = lr.ReduceLROnPlateau(
            opt,
            mode="max" if options.get("maximize") else "min",
            threshold_mode="abs" if options.get("absolute") else "rel",
            **{k: v for k, v in options.items() if k not in ("maximize", "absolute")},
        )
        values = []
        for metric in metrics:
            plateau.step(metric)
            values.append(opt.param_groups[0]["lr"])
        yield {"options": options, "metrics": metrics, "values": values}


def main():
    problems = {
        name: {key: [x.tolist() for x in value] if isinstance(value, list) else value.tolist() for key, value in p.items()}
        for name, p in PROBLEMS.items()
    }
    data = {
        "problems": problems,
        "trajectories": list(trajectories()),
        "schedules": list(schedules()),
        "plateaus": list(plateaus()),
    }
    with open(sys.argv[1], "wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
        packed.write(json.dumps(data).encode())
    print(len(data["trajectories"]), "trajectories,", len(data["schedules"]), "schedules")


main()
