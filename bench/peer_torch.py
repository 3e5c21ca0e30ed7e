"""torch.save and torch.load; see peer.py."""
import peer

numpy = peer.module("numpy")
torch = peer.module("torch")
tensors = {name: torch.from_numpy(array) for name, array in peer.arrays(numpy).items()}


def is_same(loaded):
    return all(torch.equal(tensors[name], loaded[name]) for name in tensors)


peer.measure(lambda path: torch.save(tensors, path), torch.load, is_same)
