"""h5py, a dataset a tensor; see peer.py."""
import peer

numpy = peer.module("numpy")
h5py = peer.module("h5py")
arrays = peer.arrays(numpy)


def save(path):
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file.create_dataset(name, data=array)


def load(path):
    with h5py.File(path, "r") as file:
        return {name: file[name][...] for name in file}


def is_same(loaded):
    return all(numpy.array_equal(arrays[name], loaded[name]) for name in arrays)


peer.measure(save, load, is_same)
