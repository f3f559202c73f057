"""Makes foreign.h5, a file by another program (h5py) with forms this package reads or refuses.

Run in this folder: python make_fixtures.py   (made with h5py 3.14.0, HDF5 1.14.6)
"""

import h5py
import numpy as np

values = np.arange(12, dtype=np.float64).reshape(3, 4) / 4

with h5py.File("foreign.h5", "w") as f:
    # Forms that are read.
    f.create_dataset("float64_deflate_shuffle", data=values, compression="gzip", shuffle=True)
    f.create_dataset("float32_big_endian", data=values.astype(">f4"))
    f.create_dataset("float16", data=values.astype("<f2"))
    f.create_dataset("float32_fletcher32", data=values.astype("<f4"), fletcher32=True, chunks=(2, 3))
    f.create_dataset("int32", data=np.array([-7], dtype="<i4"))
    f.create_dataset("layers/dense/vars/0", data=values.astype("<f4"))
    f.create_dataset("text", data=np.array(["näive".encode()], dtype=h5py.string_dtype("utf-8", 6)))

    # A chunk whose shape a damaged byte has enlarged is made from this one by the test.
    f.create_dataset("chunk", data=values.astype("<f4"), chunks=(3, 4), compression="gzip")

    # Forms that are refused.
    f["soft"] = h5py.SoftLink("/float16")
    f["external"] = h5py.ExternalLink("other.h5", "/secret")
    f.create_dataset("elsewhere", shape=(4,), dtype="<f4", external=[("/etc/passwd", 0, 16)])
    layout = h5py.VirtualLayout(shape=(4,), dtype="<f4")
    layout[:] = h5py.VirtualSource("other.h5", "secret", shape=(4,))
    f.create_virtual_dataset("virtual", layout)
    f.create_dataset("lzf", data=values, compression="lzf")
    f.create_dataset("huge", shape=(1 << 40,), dtype="<f4", chunks=(1 << 20,))
    f.create_dataset("bool", data=np.array([True, False]))
    f.create_dataset("null", data=h5py.Empty("f4"))
    f.create_dataset("not_utf8", data=np.array([b"\xff\xfe"]))
    f.create_dataset("strings", data=["a", "bc"])

    # What is not asked for does not disturb.
    f.attrs["text"] = "höhe"
    f.attrs["fixed_text"] = np.bytes_("abc")
    f.attrs["empty_text"] = ""
    f.attrs["texts"] = ["conv2d", "dense"]
    f.attrs["fixed_texts"] = np.array([b"kernel", b"bias"])
    f.attrs["no_texts"] = []
    f.attrs["integer"] = np.int64(-3)
    f.attrs["float"] = 0.25
    f["layers/dense/vars"].attrs["name"] = "my dense"
