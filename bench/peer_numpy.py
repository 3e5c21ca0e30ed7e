"""np.savez and np.load; see peer.py."""
import peer

numpy = peer.module("numpy")
arrays = peer.arrays(numpy)


def save(path):
    with open(path, "wb") as file:
        numpy.savez(file, **arrays)


def load(path):
    with numpy.load(path) as file:
        return {name: file[name] for name in file.files}


def is_same(loaded):
    return all(numpy.array_equal(arrays[name], loaded[name]) for name in arrays)


peer.measure(save, load, is_same)
