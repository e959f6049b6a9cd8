"""Writes the files beside this one: python tables.py, with pyarrow 26, pandas 3 and polars 2."""

import os
import wave

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

os.chdir(os.path.dirname(os.path.abspath(__file__)))
at = np.arange(40)
frame = pd.DataFrame(
    {
        "t": pd.date_range("2024-05-01", periods=40, freq="100ms"),
        "x": (at * 7 % 40 * 0.25 - 2).astype("float32"),
        "y": (at * at % 17).astype("int16"),
        "z": 1 / (at * 3 % 40 + 1),
        "what": ["ok"] * 30 + ["bad"] * 10,
        "who": ["a"] * 20 + ["b"] * 20,
    }
)
frame.to_parquet("pandas.parquet")
frame.to_feather("pandas.feather")
table = pa.Table.from_pandas(frame).replace_schema_metadata(None)
lean = {"write_statistics": False, "store_schema": False}
pq.write_table(table, "plain.parquet", compression="none", use_dictionary=False, row_group_size=16, **lean)
pq.write_table(table, "gzip.parquet", compression="gzip", **lean)
pq.write_table(table, "brotli.parquet", compression="brotli", **lean)
pq.write_table(table, "lz4.parquet", compression="lz4", data_page_size=64, write_batch_size=8, **lean)
pq.write_table(table, "version-2.parquet", data_page_version="2.0", write_page_checksum=True, **lean)
deltas = {
    "t": "DELTA_BINARY_PACKED",
    "y": "DELTA_BINARY_PACKED",
    "what": "DELTA_BYTE_ARRAY",
    "who": "DELTA_LENGTH_BYTE_ARRAY",
}
pq.write_table(table, "deltas.parquet", use_dictionary=False, column_encoding=deltas, **lean)
split = {name: "BYTE_STREAM_SPLIT" for name in ["t", "x", "y", "z"]}
pq.write_table(table, "split.parquet", use_dictionary=False, column_encoding=split, **lean)

frame = pl.from_pandas(frame)
frame.write_parquet("polars.parquet")
frame.write_ipc("polars.arrow")
frame.write_ipc_stream("polars-stream.arrow")
frame.write_ipc("zstd.arrow", compression="zstd")
frame = frame.with_columns(pl.col("what").cast(pl.Categorical), pl.col("who").cast(pl.Categorical))
frame.write_ipc("dictionary.arrow", compression="lz4")

missing = pa.table({"x": [1.0, None, 3.0, 4.0], "y": pa.array([1, 2, 3, None], pa.int32()), "z": [1.0, 2.0, float("nan"), 3.0]})
pq.write_table(missing, "missing.parquet", **lean)
with pa.ipc.new_file("missing.arrow", missing.schema) as file:
    file.write_table(missing)

rows = [
    f"2024-05-01 00:00:{n // 10:02}.{n % 10},{n * 7 % 40 * 0.25 - 2},{n * n % 17},{1 / (n * 3 % 40 + 1)},"
    f"{'ok' if n < 30 else 'bad'},{'a' if n < 20 else 'b'}\n"
    for n in range(40)
]
with pa.CompressedOutputStream("table.csv.zst", "zstd") as file:
    file.write(("t,x,y,z,what,who\n" + "".join(rows)).encode())

with wave.open("two.wav", "wb") as file:
    file.setparams((2, 2, 16000, 0, "NONE", ""))
    file.writeframes(np.arange(-40, 40, dtype="<i2").tobytes())
