"""What the peers in Python share: the arrays, the clock, and how they answer.

    peer_NAME.py RAW COUNT PATH

RAW holds COUNT float32 tensors of one size.  They are in memory before the clock starts;
then they are saved to PATH and synced, and loaded again into memory of their own.  The
answer is one line, the seconds of both, or "not installed".
"""
import importlib
import os
import sys
import time


def module(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        print("not installed")
        sys.exit(0)


def arrays(numpy):
    values = numpy.fromfile(sys.argv[1], dtype="<f4")
    count = int(sys.argv[2])
    return {"layer_%d" % i: part.reshape(-1, 1024) for i, part in enumerate(numpy.split(values, count))}


def sync(path):
    descriptor = os.open(path, os.O_RDWR)
    os.fsync(descriptor)
    os.close(descriptor)


def measure(save, load, is_same):
    path = sys.argv[3]
    start = time.monotonic()
    save(path)
    sync(path)
    middle = time.monotonic()
    loaded = load(path)
    end = time.monotonic()
    if not is_same(loaded):
        sys.exit("%s: does not have what was saved" % path)
    print("%.6f %.6f" % (middle - start, end - middle))
