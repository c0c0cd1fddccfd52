#!/usr/bin/python3
"""Checks an ONNX file with python3-onnx's checker, runs it on numbers from standard input, prints the output.

    onnx_run.py FILE < "shape of the input on one line, its numbers on the next"

Debian's python3-onnx (1.12) has no evaluator: the operators are written here in numpy, as ONNX's documentation has
them.
"""

import math
import sys

import numpy as np
import onnx
from onnx import numpy_helper


def softmax(x, axis):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def gemm(a, b, c=0.0):
    return a @ b + c


def batch_norm(x, scale, bias, mean, var, epsilon):
    shape = (1, -1) + (1,) * (x.ndim - 2)
    scale, bias, mean, var = (v.reshape(shape) for v in (scale, bias, mean, var))
    return (x - mean) / np.sqrt(var + epsilon) * scale + bias


OPERATORS = {
    "Gemm": gemm,
    "Identity": lambda x: x,
    "Relu": lambda x: np.maximum(x, 0),
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "Tanh": np.tanh,
    "LeakyRelu": lambda x, alpha: np.where(x < 0, alpha * x, x),
    "Elu": lambda x, alpha: np.where(x < 0, alpha * (np.exp(x) - 1), x),
    "Selu": lambda x, alpha, gamma: gamma * np.where(x <= 0, alpha * (np.exp(x) - 1), x),
    "Softplus": lambda x: np.log(np.exp(x) + 1),
    "Softsign": lambda x: x / (1 + np.abs(x)),
    "HardSigmoid": lambda x, alpha, beta: np.clip(alpha * x + beta, 0, 1),
    "Softmax": softmax,
    "LogSoftmax": lambda x, axis: np.log(softmax(x, axis)),
    "Flatten": lambda x, axis: x.reshape(int(np.prod(x.shape[:axis])), -1),
    "Reshape": lambda x, shape: x.reshape([int(n) or x.shape[i] for i, n in enumerate(shape)]),
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": np.divide,
    "Sqrt": np.sqrt,
    "Erf": np.vectorize(math.erf),
    "ReduceMean": lambda x, axes, keepdims: x.mean(tuple(axes), keepdims=bool(keepdims)),
    "Cast": lambda x, to: x.astype(onnx.mapping.TENSOR_TYPE_TO_NP_TYPE[to]),
    "Gather": lambda data, indices: data[indices],
    "BatchNormalization": batch_norm,
}

model = onnx.load(sys.argv[1])
onnx.checker.check_model(model, full_check=True)
shape = [int(n) for n in input().split()]
x = np.array([float(n) for n in input().split()]).reshape(shape)
assert [d.dim_value or "any" for d in model.graph.input[0].type.tensor_type.shape.dim] == ["any"] + shape[1:]
values = {tensor.name: numpy_helper.to_array(tensor).astype(np.float64) for tensor in model.graph.initializer}
values[model.graph.input[0].name] = x
for node in model.graph.node:
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    values[node.output[0]] = OPERATORS[node.op_type](*(values[name] for name in node.input), **attributes)
print(*(f"{value:.12g}" for value in values[model.graph.output[0].name].ravel()))
