"""A dictionary behind a lock, as TensorFlow's variable store is, within one process.

    peer_dict.py COUNT ROUNDS

COUNT names are asked for in random order, ROUNDS times.  The answer is a line for each
round, the names found a second.
"""
import random
import sys
import threading
import time

count, rounds = int(sys.argv[1]), int(sys.argv[2])
names = ["model/layer_%d/weight_%d" % (i // 100, i) for i in range(count)]
variables = {name: ("float32", (4,), i) for i, name in enumerate(names)}
lock = threading.Lock()
random.seed(1)
random.shuffle(names)


def find_all():
    for name in names:
        with lock:
            variable = variables.get(name)
        if variable is None or variable[0] != "float32":
            sys.exit("%s: is not there" % name)


find_all()
for _ in range(rounds):
    start = time.monotonic()
    find_all()
    print("%.0f" % (count / (time.monotonic() - start)))
