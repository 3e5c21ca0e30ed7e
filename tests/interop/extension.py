"""extension.py - the loadable extension in Python's sqlite3, against NumPy.

    VARSDB=varsdb python3 extension.py EXTENSION DIRECTORY

python.sh runs it, with a directory for its registry.  It prints a line for each check that fails, and how
many there were.
"""

import json
import os
import sqlite3
import subprocess
import sys
import threading

import numpy

EXTENSION, DIRECTORY = sys.argv[1:]

# What NumPy has of ours: our name, and its type in the bytes' order.
DTYPES = {
    "bool": "?",
    "uint8": "u1",
    "uint16": "<u2",
    "uint32": "<u4",
    "uint64": "<u8",
    "int8": "i1",
    "int16": "<i2",
    "int32": "<i4",
    "int64": "<i8",
    "float16": "<f2",
    "float32": "<f4",
    "float64": "<f8",
    "complex64": "<c8",
    "complex128": "<c16",
}
SHAPES = [(), (1,), (7,), (3, 4), (2, 3, 5), (0,), (2, 0, 3), (1, 1, 1, 4)]

checks = failures = 0


def check(what, good, detail=""):
    global checks, failures
    checks += 1
    if not good:
        failures += 1
        print(f"extension.py: {what}: {detail}")


def same(what, got, expected):
    check(what, got == expected, f"{str(got)[:300]}, not {str(expected)[:300]}")


def near(what, got, expected, tolerance=1e-12):
    good = got == expected or numpy.allclose(got, expected, rtol=tolerance, atol=0)
    check(what, good, f"{got!r}, not {expected!r}")


def raises(what, sentence, call, *arguments):
    try:
        got = call(*arguments)
    except sqlite3.OperationalError as error:
        check(what, sentence in str(error), f'said "{error}", not "{sentence}"')
    except Exception as error:
        check(what, False, f"raised {error!r}")
    else:
        check(what, False, f"gave {got!r}, and not an error")


def connect(path, **options):
    connection = sqlite3.connect(path, **options)
    connection.enable_load_extension(True)
    connection.load_extension(EXTENSION)
    connection.enable_load_extension(False)
    return connection


def one(connection, query, *arguments):
    row = connection.execute(query, arguments).fetchone()
    return row[0] if len(row) == 1 else row


def made(connection, name, array, function="get_variable"):
    """A variable with the array's value."""
    one(connection, f"SELECT {function}(?, ?, ?, 'zeros')", name, json.dumps(array.shape), array.dtype.name)
    one(connection, "SELECT assign(?, ?)", name, array.tobytes())


def random_array(generator, dtype, shape):
    """Of all bits, but that bool has two values."""
    type_ = numpy.dtype(DTYPES[dtype])
    if dtype == "bool":
        return generator.integers(0, 2, shape).astype(type_)
    count = int(numpy.prod(shape, dtype=int))
    return numpy.frombuffer(generator.bytes(count * type_.itemsize), type_).reshape(shape)


def finite_array(generator, dtype, shape):
    type_ = numpy.dtype(DTYPES[dtype])
    if type_.kind == "f":
        return generator.normal(0, 3, shape).astype(type_)
    if type_.kind == "c":
        return (generator.normal(0, 3, shape) + 1j * generator.normal(0, 3, shape)).astype(type_)
    return random_array(generator, dtype, shape)


def array_of(connection, name):
    """A variable as an array, by its row in the view and its bytes."""
    dtype, shape = one(connection, "SELECT dtype, shape FROM variables WHERE name = ?", name)
    return numpy.frombuffer(one(connection, "SELECT tensor(?)", name), DTYPES[dtype]).reshape(json.loads(shape))


# ---- values


def bytes_go_in_and_come_out(c, generator):
    for dtype in DTYPES:
        for i, shape in enumerate(SHAPES):
            array = random_array(generator, dtype, shape)
            name = f"bits/{dtype}/{i}"
            made(c, name, array)
            same(f"{name}: its bytes", one(c, "SELECT tensor(?)", name), array.tobytes())
            same(f"{name}: its shape", array_of(c, name).shape, shape)
    large = generator.normal(size=(700, 1300)).astype(numpy.float32)
    made(c, "bits/large", large)
    check("bits/large", numpy.array_equal(array_of(c, "bits/large"), large))
    turned = finite_array(generator, "float64", (5, 4)).T
    made(c, "bits/turned", turned, "model_variable")
    check("bits/turned: C order", numpy.array_equal(array_of(c, "bits/turned"), turned))
    same("model variables", c.execute("SELECT name FROM model_variables").fetchall(), [("bits/turned",)])


def json_element(x):
    if isinstance(x, complex):
        return [json_element(x.real), json_element(x.imag)]
    if isinstance(x, float) and x != x:
        return "NaN"
    if isinstance(x, float) and x in (float("inf"), float("-inf")):
        return "Infinity" if x > 0 else "-Infinity"
    return x


def nested(values):
    return [nested(v) for v in values] if isinstance(values, list) else json_element(values)


def from_json(value, dtype):
    """An array of what tensor_json prints, rounded to the dtype."""
    type_ = numpy.dtype(DTYPES[dtype])
    if type_.kind == "c":
        array = numpy.array(value)
        return (array[..., 0] + 1j * array[..., 1]).astype(type_)
    return numpy.array(value, type_)


def json_is_the_value(c, generator):
    for dtype in DTYPES:
        array = finite_array(generator, dtype, (3, 4))
        name = f"json/{dtype}"
        made(c, name, array)
        text = one(c, "SELECT tensor_json(?)", name)
        check(f"{name}: what it reads as", numpy.array_equal(from_json(json.loads(text), dtype), array), text)
        if array.dtype.kind in "?iub" or dtype in ("float64", "complex128"):
            same(f"{name}: as Python's own", json.loads(text), nested(array.tolist()))
        again = one(c, "SELECT tensor_from_json(?, ?)", text, dtype)
        same(f"{name}: its bytes again", again, array.tobytes())
        printed = json.dumps(nested(array.tolist()))
        same(f"{name}: of Python's JSON", one(c, "SELECT tensor_from_json(?, ?)", printed, dtype), array.tobytes())
    odd = numpy.array([numpy.nan, numpy.inf, -numpy.inf, -0.0, 5e-324, 1.7976931348623157e308, 0.1])
    made(c, "json/odd", odd)
    text = one(c, "SELECT tensor_json('json/odd')")
    same("json/odd", json.loads(text)[:3], ["NaN", "Infinity", "-Infinity"])
    same("json/odd: its bytes again", one(c, "SELECT tensor_from_json(?, 'float64')", text)[8:], odd.tobytes()[8:])


def as_sql(x):
    """What an element is in SQL."""
    if isinstance(x, numpy.complexfloating):
        return float(numpy.hypot(numpy.float64(x.real), numpy.float64(x.imag)))
    value = x.item()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int) and value > 2**63 - 1:
        return float(value)
    return None if value != value else value


def rows_are_the_elements(c, generator):
    for dtype in DTYPES:
        array = finite_array(generator, dtype, (4, 3, 5))
        name = f"rows/{dtype}"
        made(c, name, array)
        rows = c.execute("SELECT flat_index, indices, value FROM tensor_each(?)", (name,)).fetchall()
        same(f"{name}: flat_index", [r[0] for r in rows], list(range(array.size)))
        same(f"{name}: indices", [json.loads(r[1]) for r in rows], [list(i) for i in numpy.ndindex(array.shape)])
        values = [as_sql(x) for x in array.ravel()]
        near(f"{name}: value", [r[2] for r in rows], values, 4e-16)
        same(f"{name}: type", [type(r[2]) for r in rows], [type(v) for v in values])
        item = one(c, "SELECT tensor_item(?, 1, -1, 2)", name)
        near(f"{name}: tensor_item", item, as_sql(array[1, -1, 2]), 4e-16)
    words = numpy.array([["a", "ü"], ["", "Zeile"]])
    one(c, "SELECT get_variable('rows/words', '[2,2]', 'string', NULL, ?)", json.dumps({"value": words.tolist()}))
    found = [r[0] for r in c.execute("SELECT value FROM tensor_each('rows/words')")]
    same("rows/words", found, words.ravel().tolist())


def slices_are_numpys(c, generator):
    array = finite_array(generator, "float32", (6, 7, 8))
    made(c, "sliced", array)
    flat = numpy.arange(array.size).reshape(array.shape)
    ends = [("", None), ("0", 0), ("2", 2), ("-1", -1), ("-3", -3)]
    ranges = [(f"{a[0]}:{b[0]}", slice(a[1], b[1])) for a in ends for b in ends] + [("1", 1), ("-2", -2)]
    tried = 0
    for _ in range(300):
        chosen = [ranges[i] for i in generator.integers(0, len(ranges), generator.integers(1, 4))]
        text = ",".join(t for t, _ in chosen)
        # An index keeps its axis.
        key = tuple(slice(k, k + 1 or None) if isinstance(k, int) else k for _, k in chosen)
        try:
            rows = c.execute("SELECT flat_index, value FROM tensor_slice('sliced', ?)", (text,)).fetchall()
        except sqlite3.OperationalError as error:
            # An empty range may be an error of ours.
            check(f"slice {text}", array[key].size == 0, error)
            continue
        tried += array[key].size > 0
        same(f"slice {text}: flat_index", [r[0] for r in rows], flat[key].ravel().tolist())
        same(f"slice {text}: value", [r[1] for r in rows], array[key].ravel().tolist())
        printed = numpy.array(json.loads(one(c, "SELECT tensor_json('sliced', ?)", text)), "f4")
        check(f"slice {text}: JSON", numpy.array_equal(printed.ravel(), array[key].ravel()))
    check("slices", tried > 100, f"{tried} with elements")


# ---- what is computed


def histograms_are_numpys(c, generator):
    for dtype, bins in [("float32", 20), ("float64", 20), ("float64", 7), ("float16", 1), ("float64", 1000)]:
        array = finite_array(generator, dtype, (5000,))
        if dtype == "float16":
            array = array[:1000]
        name = f"spread/{dtype}/{bins}"
        made(c, name, array)
        rows = c.execute("SELECT bin, low, high, count FROM tensor_histogram(?, ?)", (name, bins)).fetchall()
        counts, edges = numpy.histogram(array.astype(numpy.float64), bins)
        same(f"{name}: bin", [r[0] for r in rows], list(range(bins)))
        check(f"{name}: low", numpy.allclose([r[1] for r in rows], edges[:-1], rtol=1e-12, atol=1e-12))
        check(f"{name}: high", numpy.allclose([r[2] for r in rows], edges[1:], rtol=1e-12, atol=1e-12))
        same(f"{name}: count", [r[3] for r in rows], counts.tolist())
    holes = numpy.array([1.0, numpy.nan, 2.5, numpy.inf, 4.0, -numpy.inf, 2.75])
    made(c, "spread/holes", holes)
    counts = numpy.histogram(holes[numpy.isfinite(holes)], 20)[0]
    found = [r[0] for r in c.execute("SELECT count FROM tensor_histogram('spread/holes')")]
    same("spread/holes", found, counts.tolist())


def losses_and_statistics_are_numpys(c, generator):
    for dtype in DTYPES:
        if dtype in ("bool", "complex64", "complex128"):
            continue
        array = finite_array(generator, dtype, (50, 20))
        if array.dtype.kind in "iu":
            array = (array // 2 if array.dtype.itemsize == 8 else array).astype(array.dtype)
        array = array.copy()
        array[0, :5] = 0
        name = f"sums/{dtype}"
        made(c, name, array)
        exact = array.astype(numpy.longdouble)
        near(f"{name}: l1", one(c, "SELECT l1_loss(?)", name), float(numpy.abs(exact).sum()))
        near(f"{name}: l1, scaled", one(c, "SELECT l1_loss(?, 0.01)", name), 0.01 * float(numpy.abs(exact).sum()))
        near(f"{name}: l2", one(c, "SELECT l2_loss(?)", name), float((exact**2).sum() / 2))
        row = one(c, "SELECT min, max, mean, std, l2_norm, zeros, nans FROM variables WHERE name = ?", name)
        near(f"{name}: min", row[0], float(array.min()), 0)
        near(f"{name}: max", row[1], float(array.max()), 0)
        near(f"{name}: mean", row[2], float(exact.mean()), 1e-9)
        near(f"{name}: std", row[3], float(exact.std()), 1e-9)
        near(f"{name}: l2_norm", row[4], float(numpy.sqrt((exact**2).sum())))
        same(f"{name}: zeros", row[5], int((array == 0).sum()))
        same(f"{name}: nans", row[6], 0)
    odd = numpy.array([1, numpy.nan, numpy.inf, -numpy.inf, numpy.inf, 0, -2], dtype=numpy.float32)
    made(c, "sums/odd", odd)
    row = one(c, "SELECT nans, pos_infs, neg_infs, zeros FROM variables WHERE name = 'sums/odd'")
    same("sums/odd", row, (1, 2, 1, 1))


def differences_are_numpys(path, c, generator):
    before = {f"d/{t}": finite_array(generator, t, (30, 10)) for t in ("float32", "float64", "float16", "int32")}
    before["d/same"] = finite_array(generator, "float64", (3,))
    for name, array in before.items():
        made(c, name, array)
    command(path, "snapshot", "--name", "before")
    after = dict(before)
    for name in before:
        if name != "d/same":
            after[name] = finite_array(generator, before[name].dtype.name, (30, 10))
            if before[name].dtype.kind == "i":
                after[name] = before[name] // 3
            one(c, "SELECT assign(?, ?)", name, after[name].tobytes())
    command(path, "snapshot", "--name", "after")
    for snapshots in (("before", "after"), ("before", None)):
        query = "SELECT name, change, max_abs, rel_l2, old_name FROM snapshot_diff(?, ?) ORDER BY name"
        rows = c.execute(query, snapshots).fetchall()
        same("what differs", [r[0] for r in rows], sorted(n for n in before if n != "d/same"))
        for name, change, max_abs, rel_l2, old_name in rows:
            a, b = before[name].astype(numpy.float64), after[name].astype(numpy.float64)
            same(f"{name}: change", (change, old_name), ("value_changed", None))
            near(f"{name}: max_abs", max_abs, float(numpy.abs(b - a).max()))
            near(f"{name}: rel_l2", rel_l2, float(numpy.linalg.norm(b - a) / numpy.linalg.norm(a)))
    old = [r[0] for r in c.execute("SELECT value FROM tensor_each('d/float64', 'before')")]
    same("an old value", old, before["d/float64"].ravel().tolist())


def command(path, verb, *arguments):
    ran = subprocess.run([COMMAND, verb, path, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    check(f"varsdb {verb}", ran.returncode == 0, ran.stdout)


# ---- connections


def transactions_are_pythons(path, c):
    made(c, "money", numpy.zeros(3))
    version = one(c, "SELECT version FROM variables WHERE name = 'money'")
    try:
        with c:
            c.execute("BEGIN IMMEDIATE")
            one(c, "SELECT assign('money', 7)")
            one(c, "SELECT get_variable('undone', '[2]')")
            same("inside", one(c, "SELECT tensor_json('money')"), "[7.0,7.0,7.0]")
            raise KeyError("on purpose")
    except KeyError:
        pass
    same("rolled back: the value", one(c, "SELECT tensor_json('money')"), "[0.0,0.0,0.0]")
    same("rolled back: the version", one(c, "SELECT version FROM variables WHERE name = 'money'"), version)
    same("rolled back: the variable", one(c, "SELECT count(*) FROM variables WHERE name = 'undone'"), 0)
    raises("rolled back", "variable undone does not exist in namespace main", one, c, "SELECT tensor('undone')")
    with c:
        c.execute("BEGIN IMMEDIATE")
        one(c, "SELECT assign('money', 8)")
        c.execute("SAVEPOINT s")
        one(c, "SELECT assign('money', 9)")
        c.execute("ROLLBACK TO s")
    other = connect(path)
    same("committed", one(other, "SELECT tensor_json('money')"), "[8.0,8.0,8.0]")
    other.close()


def threads_make_one(path, generator):
    results, wrong = {}, []
    arrays = {f"shared/{i}": generator.normal(size=(4, 5)) for i in range(100)}
    start = threading.Barrier(2)

    def work(which):
        try:
            c = connect(path, timeout=60, isolation_level=None)
            start.wait()
            for name, array in arrays.items():
                results[which, name] = one(c, "SELECT get_variable(?, '[4,5]', 'float64', 'random_normal')", name)
                one(c, "SELECT assign(?, ?)", name, array.tobytes())
            c.close()
        except Exception as error:
            wrong.append(repr(error))

    threads = [threading.Thread(target=work, args=(which,)) for which in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    same("two threads", wrong, [])
    c = connect(path)
    for name, array in arrays.items():
        same(f"{name}: its id", results.get((0, name)), results.get((1, name)))
        check(f"{name}: its value", numpy.array_equal(array_of(c, name), array))
    counted = one(c, "SELECT count(*), min(version), max(version) FROM variables WHERE scope = 'shared'")
    same("what two threads made", counted, (100, 3, 3))
    c.close()


def errors_are_sentences(path, c):
    raises("a name", "variable nothing does not exist in namespace main", one, c, "SELECT tensor('nothing')")
    raises("a name", "name is a variable's name, or its id", one, c, "SELECT tensor(?)", b"w")
    query = "SELECT get_variable('money', '[4]')"
    raises("a shape", "variable money has shape [3], not the requested [4]", one, c, query)
    query = "SELECT assign('money', ?)"
    raises("bytes", "variable money (float64, 3 elements) takes 24 bytes, not 3", one, c, query, b"abc")
    raises("a value", "not NULL", one, c, query, float("nan"))
    raises("a slice", "the range leaves the axis", one, c, "SELECT tensor_json('money', '0:4')")
    raises("a table", "there is no snapshot worst", one, c, "SELECT * FROM tensor_each('money', 'worst')")
    raises("a count", "wrong number of arguments, 0: tensor(name)", one, c, "SELECT tensor()")
    c.enable_load_extension(True)
    raises("loading it twice", "is loaded on this connection already", c.load_extension, EXTENSION)
    same("loading it twice", one(c, "SELECT tensor_json('money')"), "[8.0,8.0,8.0]")
    reader = connect(f"file:{path}?mode=ro", uri=True)
    same("reading only", one(reader, "SELECT tensor_json('money')"), "[8.0,8.0,8.0]")
    raises("reading only", "connection cannot write to it", one, reader, "SELECT assign('money', 1)")
    reader.close()
    blocked = connect(path, timeout=0.1)
    c.execute("BEGIN IMMEDIATE")
    raises("a lock", "another connection holds the write lock", one, blocked, "SELECT assign('money', 1)")
    c.rollback()
    same("a lock that is gone", one(blocked, "SELECT assign('money', 1) > 0"), 1)
    blocked.close()
    memory = connect(":memory:")
    raises("no registry", "no database of this connection holds a registry", one, memory, "SELECT tensor('w')")
    same("a registry in memory", len(one(memory, "SELECT varsdb_create()")), 36)
    memory.close()


COMMAND = os.environ["VARSDB"]
path = os.path.join(DIRECTORY, "python.db")
generator = numpy.random.default_rng(20240229)
command(path, "init", "--seed", "1")
c = connect(path)
bytes_go_in_and_come_out(c, generator)
json_is_the_value(c, generator)
rows_are_the_elements(c, generator)
slices_are_numpys(c, generator)
histograms_are_numpys(c, generator)
losses_and_statistics_are_numpys(c, generator)
differences_are_numpys(path, c, generator)
transactions_are_pythons(path, c)
threads_make_one(path, generator)
errors_are_sentences(path, c)
c.close()
command(path, "verify")
print(
    f"extension.py: {checks} checks, {failures} failed"
    f" (Python {sys.version.split()[0]}, NumPy {numpy.__version__}, SQLite {sqlite3.sqlite_version})"
)
sys.exit(failures != 0)
