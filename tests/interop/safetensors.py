"""safetensors.py - safetensors as its reference writes and reads them, held against varsdb byte for byte.

    python3 safetensors.py VARSDB FOLDER

pytorch.sh runs it.  The reader and the writer here are made from the format's description alone: there is no package
of it in Debian.
"""
import itertools
import json
import math
import os
import random
import subprocess
import sys

import torch

varsdb, folder = sys.argv[1:3]
os.chdir(folder)
checks = 0

# Low to high, as the reference's writer ranks them; bits of an element.
RANKED = {"BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
          "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32,
          "F32": 32, "C64": 64, "F64": 64, "I64": 64, "U64": 64}
RANK = {name: i for i, name in enumerate(RANKED)}
SHAPES = [(), (1,), (0,), (3, 0), (0, 0, 2), (8,), (2, 4), (4, 3, 2), (2, 1, 1, 4), (5,), (300, 40)]
TORCH = {"BOOL": torch.bool, "U8": torch.uint8, "I8": torch.int8, "I16": torch.int16, "F16": torch.float16,
         "BF16": torch.bfloat16, "I32": torch.int32, "F32": torch.float32, "C64": torch.complex64,
         "F64": torch.float64, "I64": torch.int64}


def check(what, condition):
    global checks
    checks += 1
    if not condition:
        sys.exit("safetensors.py: %s" % (what,))


def run(*arguments):
    done = subprocess.run([varsdb, *arguments], capture_output=True)
    check((arguments, done.stderr.decode()), done.returncode == 0)
    return done.stdout


def write(path, tensors, metadata):
    """tensors: name to (dtype, shape, bytes)."""
    header, offset, data = {}, 0, []
    if metadata:
        header["__metadata__"] = dict(sorted(metadata.items()))
    for name in sorted(tensors, key=lambda n: (-RANK[tensors[n][0]], n.encode())):
        dtype, shape, content = tensors[name]
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [offset, offset + len(content)]}
        offset += len(content)
        data.append(content)
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(data))


def read(path):
    with open(path, "rb") as file:
        content = file.read()
    begin = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:begin])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, t in header.items():
        first, end = t["data_offsets"]
        tensors[name] = (t["dtype"], tuple(t["shape"]), content[begin + first:begin + end])
    return tensors, metadata


def contents(path):
    with open(path, "rb") as file:
        return file.read()


def through(source, target, *options):
    if os.path.exists("through.db"):
        os.unlink("through.db")
    run("import", "through.db", source)
    run("verify", "through.db")
    run("export", "through.db", target, *options)


noise = random.Random(5)


def made(dtype, shape):
    bits = math.prod(shape) * RANKED[dtype]
    content = bytearray(noise.randbytes(bits // 8))
    return dtype, shape, bytes(b & 1 for b in content) if dtype == "BOOL" else bytes(content)


# Every dtype in every shape, there and back.
every = {"%s/%s" % (dtype, "x".join(map(str, shape)) or "scalar"): made(dtype, shape)
         for dtype, shape in itertools.product(RANKED, SHAPES) if math.prod(shape) * RANKED[dtype] % 8 == 0}
metadata = {"format": "pt", "ä": "\u2603 \"quoted\" \\ \n", "empty": ""}
write("every.safetensors", every, metadata)
through("every.safetensors", "every_out.safetensors")
check("all dtypes come out with other bytes", contents("every.safetensors") == contents("every_out.safetensors"))
for name, tensor in every.items():
    check(name, run("cat", "through.db", name, "--format", "raw") == tensor[2])

write("none.safetensors", {}, {"only": "metadata"})
run("import", "none.db", "none.safetensors")

# A set: every tensor in one of its files, and all as they were.
through("every.safetensors", "set.safetensors", "--max-shard-size", "100KB")
with open("set.safetensors.index.json") as file:
    index = json.load(file)
check("the index names all", set(index["weight_map"]) == set(every))
check("sizes", index["metadata"]["total_size"] == sum(len(t[2]) for t in every.values()))
files = {name: read(name) for name in set(index["weight_map"].values())}
check("there are several files", len(files) > 3)
for name, file in index["weight_map"].items():
    check(name, files[file][0][name] == every[name])
for name, (tensors, kept) in files.items():
    check(name + ": metadata", kept == metadata)
    check(name + ": size", sum(len(t[2]) for t in tensors.values()) <= 100000 or len(tensors) == 1)
    write("again.safetensors", tensors, kept)
    check(name + ": bytes", contents(name) == contents("again.safetensors"))
through("set.safetensors.index.json", "whole.safetensors")
check("a set comes out as the file it was", contents("whole.safetensors") == contents("every.safetensors"))

# What torch has, saved by it, exported, and read here.
generator = torch.Generator().manual_seed(3)
state = {dtype: (torch.randn(6, 8, generator=generator, dtype=torch.float64) * 50).to(kind)
         for dtype, kind in TORCH.items()}
state["scalar"], state["nothing"] = torch.tensor(2.5), torch.zeros(0, 7)
state["special"] = torch.tensor([math.nan, math.inf, -math.inf, -0.0, 1e-45])
torch.save(state, "state.pt")
through("state.pt", "state.safetensors")
tensors, _ = read("state.safetensors")
check("names", set(tensors) == set(state))
for name, tensor in state.items():
    dtype, shape, content = tensors[name]
    check(name + ": shape", shape == tuple(tensor.shape))
    check(name + ": dtype", TORCH[dtype] == tensor.dtype)
    flat = tensor.contiguous()
    flat = torch.view_as_real(flat) if flat.is_complex() else flat
    check(name + ": bytes", content == flat.reshape(-1).view(torch.uint8).numpy().tobytes())
    if content:
        back = torch.frombuffer(bytearray(content), dtype=tensor.dtype).reshape(shape)
        check(name + ": values", torch.equal(back.nan_to_num(7) if dtype.startswith("F") else back,
                                             tensor.nan_to_num(7) if dtype.startswith("F") else tensor))
print("safetensors.py: %d checks" % checks)
