"""pytorch.py - files that torch.save writes, compared bit for bit with what varsdb reads of them.

    python3 pytorch.py VARSDB FOLDER
"""
import collections
import contextlib
import json
import os
import sqlite3
import subprocess
import sys

import numpy
import torch

varsdb, folder = sys.argv[1:3]
os.chdir(folder)
compared = 0


def run(*arguments, status=0):
    done = subprocess.run([varsdb, *arguments], capture_output=True)
    assert done.returncode == status, (arguments, done.returncode, done.stderr.decode())
    return done.stdout if status == 0 else done.stderr.decode()


def bits(tensor):
    tensor = tensor.detach().resolve_conj().resolve_neg().contiguous()
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor)
    return tensor.reshape(-1).view(torch.uint8).numpy().tobytes()


def check(name, saved, tensors, **options):
    """Saves, imports, and compares every tensor: its type, its shape, its bits."""
    global compared
    for kind in (True, False):
        file, db = f"{name}{int(kind)}.pt", f"{name}{int(kind)}.db"
        torch.save(saved, file, _use_new_zipfile_serialization=kind, **options)
        run("import", db, file)
        listed = {row["name"]: row for row in json.loads(run("inspect", file, "--json"))}
        assert set(listed) == set(tensors), (file, set(listed) ^ set(tensors))
        for key, tensor in tensors.items():
            assert listed[key]["dtype"] == str(tensor.dtype)[len("torch."):], (file, key, listed[key])
            assert listed[key]["shape"] == list(tensor.shape), (file, key, listed[key])
            got = run("cat", db, key, "--format", "raw")
            assert got == bits(tensor), (file, key, len(got), len(bits(tensor)))
            compared += 1
        run("verify", db)


generator = torch.Generator().manual_seed(7)
floats = torch.randn(5, 7, generator=generator, dtype=torch.float64)
every = {str(t)[6:]: (floats * 40).to(t) for t in (
    torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16,
    torch.float32, torch.float64, torch.complex64, torch.complex128)}
for late in ("uint16", "uint32", "uint64", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz"):
    if hasattr(torch, late):
        every[late] = (floats.abs() * 40).to(getattr(torch, late))
check("dtypes", every, every)

base = torch.randn(6, 5, 4, 3, generator=generator)
views = {
    "whole": base,
    "transposed": base.permute(3, 1, 0, 2),
    "swapped": base.transpose(0, 3),
    "every_second": base[::2, 1:, ::3],
    "column": base[:, :, 1, 2],
    "element": base[3, 2, 1, 0],
    "expanded": base[0, 0, 0].expand(1000, 3),
    "empty": base[:, 2:2],
    "channels_last": base.contiguous(memory_format=torch.channels_last),
    "diagonal": torch.arange(64.0).reshape(8, 8).diagonal(),
    "unfolded": torch.arange(100).unfold(0, 10, 3),
}
check("views", views, views)

big = torch.arange(3000 * 2000, dtype=torch.int32).reshape(3000, 2000)
large = {"t": big.t(), "half": big[::2, ::2], "last": big[:, 1999], "complex": torch.view_as_complex(
    torch.randn(700, 900, 2, generator=generator)).t()}
check("large", large, large)

# Conjugated and negated when they are used: what PyTorch reads of them (1.13 forgets it itself), or refused.
lazy = torch.randn(4, 3, dtype=torch.complex64, generator=generator).conj()
for name, tensor in ("conjugated", lazy), ("negated", lazy.imag):
    torch.save({"t": tensor}, name + ".pt")
    try:
        run("import", name + ".db", name + ".pt")
    except AssertionError as refused:
        assert "resolve_conj" in str(refused), refused
    else:
        assert run("cat", name + ".db", "t", "--format", "raw") == bits(torch.load(name + ".pt")["t"]), name

model = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.Linear(8, 4))
tied = torch.nn.Embedding(10, 4)
model.add_module("embed", tied)
model.add_module("head", torch.nn.Linear(4, 10, bias=False))
model.head.weight = tied.weight
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
model[1].train()
loss = model[2](model[1](model[0](torch.randn(2, 3, 5, 5, generator=generator))).mean((2, 3))).square().sum()
loss.backward()
optimizer.step()
state = model.state_dict()
check("state", state, state)
checkpoint = {"model": state, "optimizer": optimizer.state_dict(), "epoch": 3, "loss": float(loss), "name": "n\u00e9",
              "betas": (0.9, float("inf")), "shape": torch.Size([2, 3]), "dtype": torch.float32, "none": None,
              "ordered": collections.OrderedDict([("a", 1), ("b", [True, 2 ** 40, -1, 2 ** 70])])}
tensors = {"model." + key: value for key, value in state.items()}
for number, values in checkpoint["optimizer"]["state"].items():
    tensors.update({f"optimizer.state.{number}.{key}": value for key, value in values.items()})
check("checkpoint", checkpoint, tensors)
for kind in "01":
    with contextlib.closing(sqlite3.connect(f"checkpoint{kind}.db")) as db:
        kept = json.loads(db.execute("SELECT value FROM attributes WHERE key = 'pytorch.metadata'").fetchone()[0])
    assert kept["epoch"] == 3 and kept["loss"] == float(loss) and kept["name"] == "n\u00e9", kept
    assert kept["betas"] == [0.9, "Infinity"] and kept["shape"] == [2, 3] and kept["none"] is None, kept
    assert kept["dtype"] == "torch.float32" and kept["ordered"]["b"][:3] == [True, 2 ** 40, -1], kept
    assert kept["optimizer.param_groups"][0]["lr"] == 1e-3, kept

check("parameters", dict(model.named_parameters()), dict(model.named_parameters()))
check("one", floats, {"tensor": floats})
check("several", [floats, (floats.t(), {"x": floats[0]})], {"0": floats, "1.0": floats.t(), "1.1.x": floats[0]})
check("old", state, state, pickle_protocol=2)

for name, value, said in (
        ("module", model, "torch.nn.modules.container.Sequential"),
        ("sparse", {"a": torch.eye(3).to_sparse()}, "torch._utils._rebuild_sparse_tensor"),
        ("quantized", {"a": torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)},
         "torch._utils._rebuild_qtensor"),
        ("evil", {"a": type("E", (), {"__reduce__": lambda self: (os.system, ("touch ran",))})()}, "posix.system"),
        ("numpy", {"a": numpy.ones(3)}, "numpy.core.multiarray._reconstruct")):
    for kind in (True, False):
        try:
            torch.save(value, name + ".pt", _use_new_zipfile_serialization=kind)
        except AttributeError:  # a class of this script's
            continue
        error = run("inspect", name + ".pt", status=3)
        assert said in error, (name, error)
torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), "script.pt")
assert "TorchScript" in run("inspect", "script.pt", status=3)
assert not os.path.exists("ran")
print(f"pytorch.py: {compared} tensors of files of PyTorch {torch.__version__} are the same bits")
