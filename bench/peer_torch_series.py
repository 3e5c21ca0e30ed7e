"""A series of checkpoints by torch.save, each a file of its own and synced; see peer.py.

    peer_torch_series.py RAW COUNT PATH CHECKPOINTS CHANGED

CHANGED tensors get other values before each checkpoint but the first, while the clock
stands.  The answer is the seconds and the bytes of all; the last is read back.
"""
import os
import sys
import time

import peer

numpy = peer.module("numpy")
torch = peer.module("torch")
arrays = peer.arrays(numpy)
tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
checkpoints, changed = int(sys.argv[4]), int(sys.argv[5])
paths = ["%s.%d" % (sys.argv[3], i) for i in range(checkpoints)]
seconds = 0.0

for i, path in enumerate(paths):
    if i > 0:
        for array in list(arrays.values())[:changed]:
            array.reshape(-1)[::1024] = i
    start = time.monotonic()
    torch.save(tensors, path)
    peer.sync(path)
    seconds += time.monotonic() - start

loaded = torch.load(paths[-1])
if not all(torch.equal(tensors[name], loaded[name]) for name in tensors):
    sys.exit("%s: does not have what was saved" % paths[-1])
print("%.6f %d" % (seconds, sum(os.path.getsize(path) for path in paths)))
for path in paths:
    os.unlink(path)
