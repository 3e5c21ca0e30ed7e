"""arrays.py VARSDB SCRATCH - .npy and .npz: what NumPy writes is imported, and what is exported NumPy loads.

python.sh runs it.
"""
import io
import os
import subprocess
import sys
import zipfile

import numpy as np

VARSDB, SCRATCH = sys.argv[1:3]
DTYPES = "? i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16".split()
SHAPES = [(), (1,), (5,), (0,), (3, 0), (2, 3), (3, 4, 5), (2, 3, 4, 5), (2, 3, 2, 3, 2), (600, 700)]
random = np.random.default_rng(1)
checks = 0


def check(what, condition):
    global checks
    checks += 1
    if not condition:
        sys.exit("arrays.py: %s" % what)


def path(name):
    return os.path.join(SCRATCH, name)


def varsdb(*arguments):
    done = subprocess.run([VARSDB, *arguments], capture_output=True, text=True)
    check("varsdb %s: %s" % (" ".join(arguments), done.stderr), done.returncode == 0)


def through_registry(source, target):
    """Imports source into a new registry and exports it to target."""
    registry = path("r.db")
    if os.path.exists(registry):
        os.unlink(registry)
    varsdb("import", registry, path(source))
    varsdb("export", registry, path(target))


def plain(array):
    """As varsdb keeps it: C order, little-endian."""
    little = array.astype(array.dtype.newbyteorder("<"))
    return np.ascontiguousarray(little).reshape(array.shape)


def equal(what, got, expected):
    expected = plain(expected)
    check(what + ": shape", got.shape == expected.shape)
    check(what + ": dtype", got.dtype == expected.dtype)
    check(what + ": bytes", got.tobytes() == expected.tobytes())


def make(dtype, order, shape):
    values = random.integers(0, 2, shape) if dtype == "?" else random.normal(size=shape) * 100
    return np.asarray(values).astype(dtype).astype(np.dtype(dtype).newbyteorder(order))


def saved(array):
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def written_as_numpy_would(name, arrays):
    """The bytes of savez; Pythons before 3.11.4 wrote other sizes into local headers."""
    if sys.version_info < (3, 11, 4):
        return
    out = io.BytesIO()
    np.savez(out, **{key: plain(arrays[key]) for key in sorted(arrays)})
    with open(path(name), "rb") as file:
        check("the bytes of " + name, file.read() == out.getvalue())


arrays = {}
for dtype in DTYPES:
    for order in "<>":
        for shape in SHAPES:
            for layout in "CF":
                name = "a/%s%s_%s_%s" % (dtype.strip("?") or "bool", "lb"[order == ">"], "x".join(map(str, shape)), layout)
                arrays[name] = np.asarray(make(dtype, order, shape), order=layout)

for save in np.savez, np.savez_compressed:
    save(path("in.npz"), **arrays)
    through_registry("in.npz", "out.npz")
    with np.load(path("out.npz")) as loaded:
        check("the names of " + save.__name__, sorted(loaded.files) == sorted(arrays))
        for name, array in arrays.items():
            equal(save.__name__ + " " + name, loaded[name], array)
    check("the checksums", zipfile.ZipFile(path("out.npz")).testzip() is None)
    written_as_numpy_would("out.npz", arrays)

for dtype in DTYPES:
    for order in "<>":
        array = np.asarray(make(dtype, order, (3, 5, 2)), order="F")
        np.save(path("in.npy"), array)
        through_registry("in.npy", "out.npy")
        equal("npy " + dtype, np.load(path("out.npy")), array)
        with open(path("out.npy"), "rb") as file:
            check("the bytes of npy " + dtype, file.read() == saved(plain(array)))

# Larger than what is turned round at a time.
for shape, dtype in ((20, 300000), "<f4"), ((3000, 1000), ">f8"), ((30, 20, 10, 100), ">c16"), ((2, 700000), "<c8"):
    array = np.asarray(make(dtype, dtype[0], shape), order="F")
    for save, source in (np.save, "in.npy"), (np.savez, "in.npz"), (np.savez_compressed, "in.npz"):
        save(path(source), array)
        through_registry(source, "out.npy")
        equal("%s %s" % (save.__name__, shape), np.load(path("out.npy")), array)

# Unnamed ones, and one that no registry can have.
np.savez(path("in.npz"), np.arange(3), np.array(["text"]))
inspected = subprocess.run([VARSDB, "inspect", path("in.npz")], capture_output=True, text=True)
check("inspect names the texts", "arr_1" in inspected.stdout and "<U4" in inspected.stderr)
refused = subprocess.run([VARSDB, "import", path("new.db"), path("in.npz")], capture_output=True, text=True)
check("texts are refused", refused.returncode != 0 and "arr_1" in refused.stderr and not os.path.exists(path("new.db")))
varsdb("import", path("new.db"), path("in.npz"), "--exclude", "arr_1")

print("arrays of NumPy %s, there and back: %d checks" % (np.__version__, checks))
