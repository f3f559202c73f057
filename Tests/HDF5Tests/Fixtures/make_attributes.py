"""Makes attributes.h5, a file of attributes with forms that are read or refused.

Run in this folder: python make_attributes.py   (made with h5py 3.14.0, HDF5 1.14.6)
"""

import h5py
import numpy as np


def texts(file, name, values, length, padding):
    """An attribute of texts of a length that are padded in a way h5py has no word for."""
    kind = h5py.h5t.C_S1.copy()
    kind.set_size(length)
    kind.set_strpad(padding)
    space = h5py.h5s.create_simple((len(values),))
    attribute = h5py.h5a.create(file.id, name.encode(), kind, space)
    fill = b" " if padding == h5py.h5t.STR_SPACEPAD else b"\0"
    attribute.write(np.array([v.encode().ljust(length, fill) for v in values], dtype=f"S{length}"), mtype=kind)


# The newest format, as the older one has no attributes above 64 KiB.
with h5py.File("attributes.h5", "w", libver="latest") as f:
    f.attrs["loose"] = "höhe"
    f.attrs["fixed"] = np.bytes_("abc")
    texts(f, "padded", ["a b", "c"], 6, h5py.h5t.STR_SPACEPAD)
    texts(f, "terminated", ["ab", "c"], 4, h5py.h5t.STR_NULLTERM)
    f.attrs["empty"] = ""
    f.attrs["loose_list"] = ["conv2d", "", "dense"]
    f.attrs["fixed_list"] = np.array([b"kernel", b"bias"])
    f.attrs["square"] = np.array([[b"a", b"b"], [b"c", b"d"]])
    f.attrs["no_texts"] = []
    f.attrs["null"] = h5py.Empty("f8")
    f.attrs["numbers"] = [1, 2]
    f.attrs["bytes"] = np.bytes_(b"\xff\xfe")
    f.attrs["many"] = np.array([b""] * 70000, dtype="S1")
    f.create_group("group").attrs["name"] = "my layer"
    f["group/array"] = np.arange(3)
    f["group/array"].attrs["name"] = "an array"
    f["link"] = h5py.SoftLink("/group")
    f["type"] = np.dtype("<f4")
