#!/usr/bin/python3
"""PyTorch's side of torch_test.cpp.

    torch_linear.py write FILE   makes a network, saves its weights as safetensors, prints its output
    torch_linear.py read FILE    loads such weights into one, prints its output

The network is Linear(4, 5), BatchNorm1d(5), ReLU, Linear(5, 3) in evaluation; its input is fixed. Debian has no
python3-safetensors: the format is read and written here.
"""

import json
import struct
import sys

import numpy as np
import torch

DTYPES = {"F32": np.float32, "I64": np.int64}


def write(file, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = tensor.numpy().tobytes()
        dtype = next(key for key, value in DTYPES.items() if value == tensor.numpy().dtype)
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    open(file, "wb").write(struct.pack("<Q", len(text)) + text + data)


def read(file):
    raw = open(file, "rb").read()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + size])
    header.pop("__metadata__", None)
    arrays = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        array = np.frombuffer(raw[8 + size :][begin:end], DTYPES[entry["dtype"]])
        arrays[name] = torch.tensor(array.reshape(entry["shape"]))
    return arrays


torch.manual_seed(3)
model = torch.nn.Sequential(
    torch.nn.Linear(4, 5), torch.nn.BatchNorm1d(5), torch.nn.ReLU(), torch.nn.Linear(5, 3)
)
x = torch.arange(24, dtype=torch.float32).reshape(6, 4) / 10 - 1
if sys.argv[1] == "write":
    model(x)  # the running statistics move
    write(sys.argv[2], model.state_dict())
else:
    missing = model.load_state_dict(read(sys.argv[2]), strict=False)
    assert all(name.endswith("num_batches_tracked") for name in missing.missing_keys), missing
    assert not missing.unexpected_keys, missing
with torch.no_grad():
    print(*(f"{value:.9g}" for value in model.eval()(x).ravel().tolist()))
