"""The ops of the drawn graphs: PyTorch's function for each of Gradus' names, and inputs on which it is smooth."""

import numpy as np
import torch
import torch.nn.functional as F

MARGIN = 0.02  # from kinks, poles and ties


class Op:
    """apply(inputs, attributes) is PyTorch's; accepts(inputs, attributes, constants) says where it is smooth.

    draw_attributes(inputs, rng) returns what the op takes beside its inputs and the constants (indices, masks) that it
    takes as inputs, or (None, []) where it cannot take these inputs.
    """

    def __init__(self, function, count=1, accepts=None, attributes=None, order=None, prepare=None):
        self.apply = function
        self.count = count
        self._accepts = accepts
        self._attributes = attributes
        self.prepare = prepare  # adds steps that make an operand what the op needs: None where it cannot
        self.order = order or (lambda operands, constants: operands + constants)

    def draw_count(self, rng):
        return int(rng.integers(1, 4)) if self.count == "any" else self.count

    def draw_attributes(self, inputs, rng):
        return self._attributes(inputs, rng) if self._attributes else ({}, [])

    def accepts(self, inputs, attributes):
        try:
            return self._accepts is None or bool(self._accepts(inputs, attributes))
        except (RuntimeError, IndexError):
            return False


def inside(low, high):
    return lambda inputs, _=None: bool(((inputs[0] > low) & (inputs[0] < high)).all())


def apart_from(*points):
    return lambda inputs, _=None: all(bool(((inputs[0] - p).abs() > MARGIN).all()) for p in points)


def both(*conditions):
    return lambda inputs, attributes: all(c(inputs, attributes) for c in conditions)


def apart_from_integers(x, shift=0.0):
    fraction = torch.remainder(x + shift, 1.0)
    return bool(((fraction > MARGIN) & (fraction < 1 - MARGIN)).all())


def unary(function, accepts=None):
    return Op(lambda x, a: function(x[0]), 1, accepts)


def fits(a, b):
    try:
        torch.broadcast_shapes(a.shape, b.shape)
        return True
    except RuntimeError:
        return False


def binary(function, accepts=None):
    def broadcast_and_smooth(x, a):
        return fits(x[0], x[1]) and (accepts is None or accepts(x[0], x[1]))

    return Op(lambda x, a: function(x[0], x[1]), 2, broadcast_and_smooth)


def differ(a, b):
    return bool(((a - b).abs() > MARGIN).all())


def is_smooth_quotient(a, b):
    quotient = a / b
    return bool((b.abs() > 0.1).all()) and apart_from_integers(quotient) and bool((quotient.abs() < 50).all())




# The trigamma function of PyTorch 1.13 ends its series where x is 7: it is wrong by 1e-10. Further out it is right, and
# the recurrence leads there (Abramowitz and Stegun, 6.4.6).
FURTHER = 25


def trigamma(x):
    return torch.polygamma(1, x + FURTHER) + sum((x + k) ** -2 for k in range(FURTHER))


class Digamma(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return torch.digamma(x)

    @staticmethod
    def backward(context, g):
        return g * trigamma(*context.saved_tensors)


class Lgamma(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return torch.lgamma(x)

    @staticmethod
    def backward(context, g):
        return g * Digamma.apply(*context.saved_tensors)


OPS = {
    "neg": unary(torch.neg),
    "reciprocal": unary(torch.reciprocal, apart_from(0)),
    "exp": unary(torch.exp),
    "exp2": unary(torch.exp2),
    "expm1": unary(torch.expm1),
    "log": unary(torch.log, inside(MARGIN, 50)),
    "log2": unary(torch.log2, inside(MARGIN, 50)),
    "log10": unary(torch.log10, inside(MARGIN, 50)),
    "log1p": unary(torch.log1p, inside(-0.95, 50)),
    "logit": unary(torch.logit, inside(MARGIN, 1 - MARGIN)),
    "sqrt": unary(torch.sqrt, inside(MARGIN, 50)),
    "rsqrt": unary(torch.rsqrt, inside(MARGIN, 50)),
    "square": unary(torch.square),
    "abs": unary(torch.abs, apart_from(0)),
    "sign": unary(torch.sign, apart_from(0)),
    "floor": unary(torch.floor, lambda x, a: apart_from_integers(x[0])),
    "ceil": unary(torch.ceil, lambda x, a: apart_from_integers(x[0])),
    "round": unary(torch.round, lambda x, a: apart_from_integers(x[0], 0.5)),
    "nan_to_num": unary(torch.nan_to_num),
    "sin": unary(torch.sin),
    "cos": unary(torch.cos),
    "tanh": unary(torch.tanh),
    "sigmoid": unary(torch.sigmoid),
    "relu": unary(torch.relu, apart_from(0)),
    "selu": unary(F.selu, apart_from(0)),
    "softplus": unary(F.softplus, inside(-50, 19)),  # beyond 20 PyTorch takes x for it
    "log_sigmoid": unary(F.logsigmoid),
    "gelu_tanh": unary(lambda x: F.gelu(x, approximate="tanh")),
    "silu": unary(F.silu),
    "mish": unary(F.mish, inside(-50, 19)),
    "softsign": unary(F.softsign, apart_from(0)),
    "hard_sigmoid": unary(lambda x: (x + 3).clamp(0, 6) / 6, apart_from(-3, 3)),
    "cbrt": unary(lambda x: x.sign() * x.abs().pow(1 / 3), apart_from(0)),
    "tan": unary(torch.tan, inside(-1.4, 1.4)),
    "asin": unary(torch.asin, inside(-0.95, 0.95)),
    "acos": unary(torch.acos, inside(-0.95, 0.95)),
    "atan": unary(torch.atan),
    "sinh": unary(torch.sinh),
    "cosh": unary(torch.cosh),
    "asinh": unary(torch.asinh),
    "acosh": unary(torch.acosh, inside(1.05, 50)),
    "atanh": unary(torch.atanh, inside(-0.95, 0.95)),
    "gelu": unary(F.gelu),
    "erf": unary(torch.erf),
    "erfc": unary(torch.erfc),
    "lgamma": unary(Lgamma.apply, inside(0.1, 50)),
    "digamma": unary(Digamma.apply, inside(0.1, 50)),
    "add": binary(torch.add),
    "sub": binary(torch.sub),
    "mul": binary(torch.mul),
    "div": binary(torch.div, lambda a, b: bool((b.abs() > 0.1).all())),
    "pow": binary(torch.pow, lambda a, b: bool((a > 0.1).all()) and bool((b.abs() < 4).all())),
    "maximum": binary(torch.maximum, differ),
    "minimum": binary(torch.minimum, differ),
    "logaddexp": binary(torch.logaddexp),
    "heaviside": binary(lambda a, b: (a > 0).double() + 0 * b, lambda a, b: bool((a.abs() > MARGIN).all())),
    "leaky_relu": binary(lambda a, b: torch.where(a > 0, a, a * b), lambda a, b: bool((a.abs() > MARGIN).all())),
    "elu": binary(lambda a, b: torch.where(a > 0, a, b * torch.expm1(a)), lambda a, b: bool((a.abs() > MARGIN).all())),
    "hypot": binary(torch.hypot, lambda a, b: bool((a.abs() + b.abs() > 0.1).all())),
    "atan2": binary(torch.atan2, lambda a, b: bool((b > 0.1).all())),
    "fmod": binary(lambda a, b: a - b * torch.trunc(a / b), is_smooth_quotient),
}


def draw_clip(x, rng):
    low, high = sorted(np.round(rng.uniform(-2, 2, 2), 3))
    return {"lo": float(low), "hi": float(high)}, []


OPS["clip"] = Op(lambda x, a: torch.clip(x[0], a["lo"], a["hi"]), 1,
                 lambda x, a: apart_from(a["lo"], a["hi"])(x), draw_clip)

ELEMENTWISE = frozenset(OPS)


# Reductions

def draw_axes(x, rng):
    rank = x[0].dim()
    attributes = {}
    if rank and rng.random() < 0.7:
        axes = rng.choice(rank, rng.integers(1, rank + 1), replace=False)
        attributes["axes"] = [int(a) - (rank if rng.random() < 0.3 else 0) for a in axes]
    if rng.random() < 0.3:
        attributes["keepdims"] = True
    return attributes, []


def axes_of(x, attributes):
    return tuple(a % x.dim() for a in attributes["axes"]) if "axes" in attributes else tuple(range(x.dim()))


def slices_of(x, attributes):
    """Slices to reduce along the last axis."""
    axes = axes_of(x, attributes)
    kept = [a for a in range(x.dim()) if a not in axes]
    rows = x.permute(*kept, *axes) if x.dim() else x
    return rows.reshape([x.shape[a] for a in kept] + [-1])


def kept_shape(x, attributes):
    axes = axes_of(x, attributes)
    if attributes.get("keepdims"):
        return [1 if a in axes else n for a, n in enumerate(x.shape)]
    return [n for a, n in enumerate(x.shape) if a not in axes]


def reduction(function, accepts=None):
    return Op(lambda x, a: function(slices_of(x[0], a), a).reshape(kept_shape(x[0], a)), 1,
              (lambda x, a: accepts(slices_of(x[0], a), a)) if accepts else None, draw_axes)


def is_decided(rows, attributes):
    """No two elements so close that it matters which is the larger."""
    ordered = rows.sort(-1)[0]
    return bool((ordered.diff(dim=-1) > MARGIN).all())


def is_varied(rows, attributes):
    return rows.shape[-1] > 1 and bool((rows.var(-1, unbiased=False) > 1e-2).all())


OPS.update({
    "sum": reduction(lambda r, a: r.sum(-1)),
    "mean": reduction(lambda r, a: r.mean(-1)),
    "prod": reduction(lambda r, a: r.prod(-1), lambda r, a: bool((r.abs() > MARGIN).all())),
    "max": reduction(lambda r, a: r.max(-1)[0], is_decided),
    "min": reduction(lambda r, a: r.min(-1)[0], is_decided),
    "var": reduction(lambda r, a: r.var(-1, unbiased=False), is_varied),
    "logsumexp": reduction(lambda r, a: r.logsumexp(-1)),
    "norm": reduction(lambda r, a: r.norm(dim=-1), lambda r, a: bool((r.norm(dim=-1) > 0.1).all())),
})


def draw_axis(x, rng):
    rank = x[0].dim()
    return ({"axis": int(rng.integers(-rank, rank))}, []) if rank else (None, [])


def draw_labels(x, rng):
    if x[0].dim() != 2:
        return None, []
    return {}, [torch.tensor(rng.integers(0, x[0].shape[1], x[0].shape[0]), dtype=torch.float64)]


OPS.update({
    "softmax": Op(lambda x, a: F.softmax(x[0], a["axis"]), 1, None, draw_axis),
    "log_softmax": Op(lambda x, a: F.log_softmax(x[0], a["axis"]), 1, None, draw_axis),
    "cross_entropy": Op(lambda x, a: F.cross_entropy(x[0], x[1].long()), 1, None, draw_labels),
})


# Shapes

def draw_permutation(x, rng):
    rank = x[0].dim()
    if not rank or rng.random() < 0.3:
        return {}, []
    return {"axes": [int(a) for a in rng.permutation(rank)]}, []


def draw_reshape(x, rng):
    n = x[0].numel()
    divisors = [d for d in range(1, n + 1) if n % d == 0]
    first = int(rng.choice(divisors))
    second = int(rng.choice([d for d in divisors if (n // first) % d == 0]))
    shape = [[-1], [first, -1], [first, second, -1]][rng.integers(3)]
    return {"shape": shape}, []


def draw_broadcast(x, rng):
    shape = [int(rng.integers(2, 4)) if n == 1 else n for n in x[0].shape]
    return {"shape": ([int(rng.integers(1, 4))] if rng.random() < 0.5 else []) + shape}, []


def draw_squeeze(x, rng):
    ones = [a for a, n in enumerate(x[0].shape) if n == 1]
    if not ones:
        return None, []
    return ({}, []) if rng.random() < 0.5 else ({"axes": [int(rng.choice(ones))]}, [])


def squeeze(x, attributes):
    return x.squeeze(attributes["axes"][0]) if "axes" in attributes else x.squeeze()


def draw_place(x, rng):
    rank = x[0].dim()
    return ({"axes": [int(rng.integers(-rank - 1, rank + 1))]}, []) if rank < 4 else (None, [])


def have_same_rest(x, attributes):
    axis = attributes["axis"] % x[0].dim()
    rest = lambda t: [n for a, n in enumerate(t.shape) if a != axis]
    return all(t.dim() == x[0].dim() and rest(t) == rest(x[0]) for t in x)


def draw_new_axis(x, rng):
    rank = x[0].dim()
    return ({"axis": int(rng.integers(-rank - 1, rank + 1))}, []) if rank < 4 else (None, [])


OPS.update({
    "transpose": Op(lambda x, a: x[0].permute(tuple(a.get("axes", reversed(range(x[0].dim()))))), 1, None,
                    draw_permutation),
    "reshape": Op(lambda x, a: x[0].reshape(a["shape"]), 1, None, draw_reshape),
    "broadcast_to": Op(lambda x, a: x[0].broadcast_to(a["shape"]), 1, None, draw_broadcast),
    "squeeze": Op(lambda x, a: squeeze(x[0], a), 1, None, draw_squeeze),
    "expand_dims": Op(lambda x, a: x[0].unsqueeze(a["axes"][0]), 1, None, draw_place),
    "concatenate": Op(lambda x, a: torch.cat(x, a["axis"]), "any", have_same_rest, draw_axis),
    "stack": Op(lambda x, a: torch.stack(x, a["axis"]), "any",
                lambda x, a: all(t.shape == x[0].shape for t in x), draw_new_axis),
})


# Picking

def draw_take(x, rng):
    attributes, _ = draw_axis(x, rng)
    if attributes is None:
        return None, []
    n = x[0].shape[attributes["axis"]]
    shape = [(3,), (2, 2), ()][rng.integers(3)]
    return attributes, [torch.tensor(rng.integers(-n, n, shape), dtype=torch.float64)]


def take(x, indices, axis):
    axis %= x.dim()
    places = indices.long() % x.shape[axis]
    picked = x.index_select(axis, places.reshape(-1))
    return picked.reshape(x.shape[:axis] + places.shape + x.shape[axis + 1:])


def draw_mask(x, rng):
    if not fits(x[0], x[1]):
        return None, []
    shape = torch.broadcast_shapes(x[0].shape, x[1].shape)
    return {}, [torch.tensor(rng.integers(0, 2, tuple(shape)), dtype=torch.float64)]


OPS.update({
    "take": Op(lambda x, a: take(x[0], x[1], a["axis"]), 1, None, draw_take),
    "where": Op(lambda x, a: torch.where(x[0] != 0, x[1], x[2]), 2, None, draw_mask,
                order=lambda operands, constants: constants + operands),
})


# Products

def can_multiply(x, _):
    a, b = x
    if a.dim() not in (1, 2) or b.dim() not in (1, 2):
        return False
    return a.shape[-1] == b.shape[0]


OPS.update({
    "matmul": Op(lambda x, a: torch.matmul(x[0], x[1]), 2, can_multiply),
    "linear": Op(lambda x, a: torch.matmul(x[0], x[1]) + x[2], 3,
                 lambda x, a: x[0].dim() == 2 and x[1].dim() == 2 and x[0].shape[1] == x[1].shape[0]
                 and tuple(x[2].shape) == (x[1].shape[1],)),
})


# Cutting and moving

def draw_int(low, high, name):
    return lambda x, rng: ({name: int(rng.integers(low, high))}, [])


def draw_slice(x, rng):
    items = []
    for n in x[0].shape:
        kind = rng.integers(4)
        if kind == 0:
            items.append(str(int(rng.integers(-n, n))))
        elif kind == 1:
            items.append(":")
        else:
            begin, end = sorted(int(i) for i in rng.integers(0, n + 1, 2))
            step = int(rng.integers(1, 3))
            items.append(f"{begin}:{end}:{step}" if kind == 2 else f"::-{step}")
    if x[0].dim() < 4 and rng.random() < 0.3:
        items.insert(int(rng.integers(len(items) + 1)), "None")
    if items and rng.random() < 0.3:
        items[-1] = "..."
    return ({"items": ", ".join(items)}, []) if items else (None, [])


def slice_item(text):
    if text in ("None", "..."):
        return None if text == "None" else Ellipsis
    if ":" not in text:
        return int(text)
    return slice(*[int(end) if end else None for end in text.split(":")])


def apply_slice(x, attributes):
    """By positions: PyTorch's slices have no negative steps."""
    items = tuple(slice_item(text.strip()) for text in attributes["items"].split(","))
    positions = np.arange(x.numel()).reshape(tuple(x.shape))[items]
    return x.reshape(-1)[torch.tensor(np.ascontiguousarray(positions.reshape(-1)))].reshape(positions.shape)


def draw_split(x, rng):
    if x[0].dim() == 0:
        return None, []
    axis = int(rng.integers(x[0].dim()))
    n = x[0].shape[axis]
    parts = int(rng.choice([p for p in range(1, n + 1) if n % p == 0]))
    return {"parts": parts, "axis": axis, "output": int(rng.integers(parts))}, []


def draw_chunk(x, rng):
    if x[0].dim() == 0:
        return None, []
    axis, chunks = int(rng.integers(x[0].dim())), int(rng.integers(1, 4))
    count = len(torch.chunk(x[0], chunks, axis))
    return {"chunks": chunks, "axis": axis, "output": int(rng.integers(count))}, []


def draw_two_axes(x, rng):
    rank = x[0].dim()
    if rank < 2:
        return None, []
    first, second = (int(a) for a in rng.choice(rank, 2, replace=False))
    return {"axis1": first, "axis2": second - rank}, []


def draw_moveaxis(x, rng):
    rank = x[0].dim()
    if rank < 2:
        return None, []
    n = int(rng.integers(1, rank + 1))
    return {name: [int(a) for a in rng.choice(rank, n, replace=False)] for name in ("axes", "places")}, []


def draw_roll(x, rng):
    rank = x[0].dim()
    if rank == 0 or rng.random() < 0.3:
        return {"shifts": [int(rng.integers(-5, 6))]}, []
    axes = [int(a) for a in rng.choice(rank, rng.integers(1, rank + 1), replace=False)]
    return {"shifts": [int(s) for s in rng.integers(-4, 5, len(axes))], "axes": axes}, []


def draw_pad(x, rng):
    widths = [int(w) for w in rng.integers(0, 2, 2 * x[0].dim())]
    return ({"widths": widths, "value": float(np.round(rng.uniform(-1, 1), 2))}, []) if widths else (None, [])


def pad(x, attributes):
    widths = attributes["widths"]
    last_first = [w for a in reversed(range(x.dim())) for w in widths[2 * a:2 * a + 2]]
    return F.pad(x, last_first, value=attributes["value"])


def draw_flip(x, rng):
    rank = x[0].dim()
    if rank == 0 or rng.random() < 0.3:
        return {}, []
    return {"axes": [int(a) - rank for a in rng.choice(rank, rng.integers(1, rank + 1), replace=False)]}, []


def draw_repeat(x, rng):
    if x[0].dim() == 0 or rng.random() < 0.3:
        return {"repeats": [int(rng.integers(1, 3))]}, []
    axis = int(rng.integers(x[0].dim()))
    return {"repeats": [int(r) for r in rng.integers(0, 3, x[0].shape[axis])], "axis": axis}, []


def repeat(x, attributes):
    repeats = torch.tensor(attributes["repeats"])
    if "axis" not in attributes:
        return x.reshape(-1).repeat_interleave(int(repeats[0]))
    return x.repeat_interleave(repeats, attributes["axis"])


def draw_diagonal(x, rng):
    attributes, _ = draw_two_axes(x, rng)
    return ({**attributes, "k": int(rng.integers(-1, 2))}, []) if attributes else (None, [])


def diagonal(x, a):
    return torch.diagonal(x, a["k"], a["axis1"], a["axis2"])


def is_matrix(x, _=None):
    return x[0].dim() >= 2


def as_images(graph, i):
    shape = graph.values[i].shape
    if len(shape) == 4:
        return i
    if len(shape) > 4 or not graph.try_step("reshape", [i], {"shape": [1] * (4 - len(shape)) + list(shape)}):
        return None
    return len(graph.values) - 1


def draw_unfold(x, rng):
    padding = [int(p) for p in rng.integers(0, 2, 2)]
    most = [extent + 2 * p for extent, p in zip(x[0].shape[2:], padding)]
    return {"kernel": [int(rng.integers(1, 1 + min(n, 3))) for n in most], "padding": padding,
            "stride": [int(s) for s in rng.integers(1, 3, 2)]}, []


OPS.update({
    "unfold": Op(lambda x, a: F.unfold(x[0], a["kernel"], padding=a["padding"], stride=a["stride"]), 1, None,
                 draw_unfold, prepare=as_images),
    "ravel": unary(lambda x: x.reshape(-1)),
    "slice": Op(lambda x, a: apply_slice(x[0], a), 1, None, draw_slice),
    "split": Op(lambda x, a: torch.tensor_split(x[0], a["parts"], a["axis"])[a["output"]], 1, None, draw_split),
    "chunk": Op(lambda x, a: torch.chunk(x[0], a["chunks"], a["axis"])[a["output"]], 1, None, draw_chunk),
    "swapaxes": Op(lambda x, a: x[0].swapaxes(a["axis1"], a["axis2"]), 1, None, draw_two_axes),
    "moveaxis": Op(lambda x, a: x[0].moveaxis(a["axes"], a["places"]), 1, None, draw_moveaxis),
    "flip": Op(lambda x, a: x[0].flip(a.get("axes", list(range(x[0].dim())))), 1, None, draw_flip),
    "roll": Op(lambda x, a: x[0].roll(a["shifts"], a["axes"]) if "axes" in a else x[0].roll(a["shifts"]), 1, None,
               draw_roll),
    "pad": Op(lambda x, a: pad(x[0], a), 1, None, draw_pad),
    "tile": Op(lambda x, a: x[0].tile(a["reps"]), 1, None,
               lambda x, rng: ({"reps": [int(r) for r in rng.integers(1, 3, rng.integers(1, 3))]}, [])),
    "repeat": Op(lambda x, a: repeat(x[0], a), 1, None, draw_repeat),
    "diag": Op(lambda x, a: torch.diag(x[0], a["k"]), 1, lambda x, a: x[0].dim() in (1, 2), draw_int(-1, 2, "k")),
    "diagonal": Op(lambda x, a: diagonal(x[0], a), 1, None, draw_diagonal),
    "trace": Op(lambda x, a: diagonal(x[0], a).sum(-1), 1, None, draw_diagonal),
    "tril": Op(lambda x, a: torch.tril(x[0], a["k"]), 1, is_matrix, draw_int(-1, 2, "k")),
    "triu": Op(lambda x, a: torch.triu(x[0], a["k"]), 1, is_matrix, draw_int(-1, 2, "k")),
})


# Picking one by one, and in order

def draw_along(x, rng, same_rest):
    attributes, _ = draw_axis(x, rng)
    if attributes is None:
        return None, []
    axis = attributes["axis"] % x[0].dim()
    n = x[0].shape[axis]
    shape = [int(rng.integers(1, 4)) if a == axis else m if same_rest else int(rng.integers(1, m + 1))
             for a, m in enumerate(x[0].shape)]
    return attributes, [torch.tensor(rng.integers(0, n, shape)).double()]


def draw_scatter(x, rng):
    """Into the first what the second holds, wherever the indices say."""
    if x[0].dim() == 0 or x[0].dim() != x[1].dim():
        return None, []
    axis = int(rng.integers(x[0].dim()))
    if any(a != axis and x[1].shape[a] > n for a, n in enumerate(x[0].shape)):
        return None, []
    return {"axis": axis}, [torch.tensor(rng.integers(0, x[0].shape[axis], tuple(x[1].shape))).double()]


def draw_selection(x, rng):
    mask = rng.integers(0, 2, tuple(x[0].shape))
    return ({}, [torch.tensor(mask).double()]) if mask.any() else (None, [])


def draw_optional_axis(x, rng):
    rank = x[0].dim()
    return ({"axis": int(rng.integers(-rank, rank))} if rank and rng.random() < 0.7 else {}), []


def cumulate(function):
    return lambda x, a: function(x[0], a["axis"]) if "axis" in a else function(x[0].reshape(-1), 0)


def draw_topk(x, rng):
    attributes, _ = draw_axis(x, rng)
    if attributes is None:
        return None, []
    attributes["k"] = int(rng.integers(1, x[0].shape[attributes["axis"]] + 1))
    return ({**attributes, "smallest": True} if rng.random() < 0.4 else attributes), []


def decided_along(x, attributes):
    return is_decided(x[0].movedim(attributes["axis"], -1), attributes)


def draw_p(x, rng):
    attributes, _ = draw_axes(x, rng)
    attributes["p"] = float(rng.choice([1, 1.5, 2, 3]))
    return attributes, []


def draw_ddof(x, rng):
    attributes, _ = draw_axes(x, rng)
    return ({**attributes, "ddof": 1} if rng.random() < 0.5 else attributes), []


def std(rows, attributes):
    return rows.var(-1, unbiased=attributes.get("ddof", 0) == 1).sqrt()


OPS.update({
    "take_along_axis": Op(lambda x, a: torch.take_along_dim(x[0], x[1].long(), a["axis"]), 1, None,
                          lambda x, rng: draw_along(x, rng, True)),
    "gather": Op(lambda x, a: x[0].gather(a["axis"], x[1].long()), 1, None, lambda x, rng: draw_along(x, rng, False)),
    "scatter_add": Op(lambda x, a: x[0].scatter_add(a["axis"], x[1].long(), x[2]), 2, None, draw_scatter,
                      order=lambda operands, constants: [operands[0], *constants, operands[1]]),
    "mask_select": Op(lambda x, a: x[0][x[1] != 0], 1, None, draw_selection),
    "cumsum": Op(cumulate(torch.cumsum), 1, None, draw_optional_axis),
    "cumprod": Op(cumulate(torch.cumprod), 1, lambda x, a: bool((x[0].abs() > MARGIN).all()), draw_optional_axis),
    "sort": Op(lambda x, a: x[0].sort(a["axis"])[0], 1, decided_along, draw_axis),
    "topk": Op(lambda x, a: x[0].topk(a["k"], a["axis"], largest=not a.get("smallest"))[0], 1, decided_along, draw_topk),
    "std": reduction(std, is_varied),
    "norm": reduction(lambda r, a: (r.abs() ** a["p"]).sum(-1) ** (1 / a["p"]),
                      lambda r, a: bool((r.abs() > MARGIN).all())),
})
OPS["std"]._attributes = draw_ddof
OPS["norm"]._attributes = draw_p


# Products of any rank, and linear algebra

def can_multiply_batches(x, _):
    a, b = x
    if a.dim() == 0 or b.dim() == 0:
        return False
    return a.shape[-1] == b.shape[max(0, b.dim() - 2)]


def can_dot(x, _):
    return can_multiply_batches(x, _) and x[0].dim() <= 2 and x[1].dim() <= 2


def draw_tensordot(x, rng):
    most = min(x[0].dim(), x[1].dim())
    if rng.random() < 0.5 or most == 0:
        return {"axes": int(rng.integers(0, most + 1))}, []
    n = int(rng.integers(1, most + 1))
    first = [int(a) for a in rng.choice(x[0].dim(), n, replace=False)]
    return {"first": first, "second": [int(a) for a in rng.choice(x[1].dim(), n, replace=False)]}, []


def tensordot(x, attributes):
    if "axes" in attributes:
        return torch.tensordot(x[0], x[1], attributes["axes"])
    return torch.tensordot(x[0], x[1], (attributes["first"], attributes["second"]))


def can_contract(x, attributes):
    if "axes" in attributes:
        n = attributes["axes"]
        return tuple(x[0].shape[x[0].dim() - n:]) == tuple(x[1].shape[:n])
    return all(x[0].shape[i] == x[1].shape[k] for i, k in zip(attributes["first"], attributes["second"]))


def draw_einsum(x, rng):
    """Letters for axes: those of one extent may share one."""
    letters, by_extent, subscripts = iter("abcdefghijklmnopqrstuvwxyz"), {}, []
    for operand in x:
        names = ""
        for n in operand.shape:
            known = by_extent.setdefault(n, [])
            if not known or rng.random() < 0.4:
                known.append(next(letters))
            names += str(rng.choice(known))
        subscripts.append(names)
    used = sorted(set("".join(subscripts)))
    output = "".join(str(c) for c in rng.permutation([c for c in used if rng.random() < 0.5]))
    return {"subscripts": ",".join(subscripts) + "->" + output}, []


def is_square(x, _=None):
    return x[0].dim() >= 2 and x[0].shape[-1] == x[0].shape[-2]


def is_regular(x, _=None):
    """Far from a singular matrix."""
    return is_square(x) and bool((torch.linalg.svdvals(x[0])[..., -1] > 0.3).all())


def has_gaps(values):
    return values.shape[-1] == 1 or bool((values.sort(-1)[0].diff(dim=-1) > 0.1).all())


def symmetric(x):
    return (x + x.mT) / 2


OPS.update({
    "matmul": Op(lambda x, a: torch.matmul(x[0], x[1]), 2, can_multiply_batches),
    "dot": Op(lambda x, a: torch.matmul(x[0], x[1]), 2, can_dot),
    "outer": Op(lambda x, a: torch.outer(x[0].reshape(-1), x[1].reshape(-1)), 2),
    "tensordot": Op(lambda x, a: tensordot(x, a), 2, can_contract, draw_tensordot),
    "einsum": Op(lambda x, a: torch.einsum(a["subscripts"], *x), "any", None, draw_einsum),
    "inv": Op(lambda x, a: torch.linalg.inv(x[0]), 1, is_regular),
    "solve": Op(lambda x, a: torch.linalg.solve(x[0], x[1]), 2,
                lambda x, a: x[0].dim() == 2 and len(x[0]) > 1 and is_regular(x) and x[1].dim() in (1, 2)
                and x[1].shape[0] == x[0].shape[0]),
    "det": Op(lambda x, a: torch.linalg.det(x[0]), 1, is_regular),
    "slogdet": Op(lambda x, a: torch.linalg.slogdet(x[0])[a["output"]], 1, is_regular, draw_int(0, 2, "output")),
    "pinv": Op(lambda x, a: torch.linalg.pinv(x[0]), 1,
               lambda x, a: x[0].dim() >= 2 and bool((torch.linalg.svdvals(x[0])[..., -1] > 0.3).all())),
    "matrix_power": Op(lambda x, a: torch.linalg.matrix_power(x[0], a["n"]), 1, is_regular, draw_int(-2, 4, "n")),
    "solve_triangular": Op(
        lambda x, a: torch.linalg.solve_triangular(x[0], x[1], upper=a.get("upper", False)), 2,
        lambda x, a: is_square(x) and x[0].dim() == 2 and x[1].dim() == 2 and x[1].shape[0] == x[0].shape[0]
        and bool((torch.diagonal(x[0]).abs() > 0.3).all()),
        lambda x, rng: ({"upper": True} if rng.random() < 0.5 else {}, [])),
})


# Decompositions: of symmetric matrices where the op reads one triangle only, and of results that have no sign to choose.

def made_symmetric(graph, i):
    """A + A^T of a square matrix."""
    x = graph.values[i]
    if x.dim() != 2 or not is_square([x]):
        return None
    graph.try_step("transpose", [i], {})
    return len(graph.values) - 1 if graph.try_step("add", [i, len(graph.values) - 1], {}) else None


def made_definite(graph, i):
    """A + A^T + 9 I"""
    i = made_symmetric(graph, i)
    if i is None:
        return None
    diagonal = graph.append_constant(9 * torch.eye(graph.values[i].shape[0]))
    return len(graph.values) - 1 if graph.try_step("add", [i, diagonal], {}) else None


def singular_values_are_apart(x):
    values = torch.linalg.svdvals(x)
    return has_gaps(values) and bool((values[..., -1] > 0.2).all())


OPS.update({
    "eigh": Op(lambda x, a: torch.linalg.eigvalsh(symmetric(x[0])), 1,
               lambda x, a: has_gaps(torch.linalg.eigvalsh(x[0])), draw_int(0, 1, "output"), prepare=made_symmetric),
    "cholesky": Op(lambda x, a: torch.linalg.cholesky(symmetric(x[0])), 1,
                   lambda x, a: bool((torch.linalg.eigvalsh(x[0]) > 0.3).all()), prepare=made_definite),
    "svd": Op(lambda x, a: torch.linalg.svdvals(x[0]), 1,
              lambda x, a: x[0].dim() >= 2 and singular_values_are_apart(x[0]), draw_int(1, 2, "output")),
    "qr": Op(lambda x, a: torch.linalg.qr(x[0])[a["output"]], 1,
             lambda x, a: x[0].dim() >= 2 and x[0].shape[-2] >= x[0].shape[-1] and singular_values_are_apart(x[0]),
             draw_int(0, 2, "output")),  # the signs are those of LAPACK's Householder vectors here and there
})
