import CHDF5

/// An object of libhdf5 that is let go when its owner is done with it.
///
/// It lives and dies inside ``Library/locked(_:)``.
struct Handle: ~Copyable {
  let id: hid_t

  deinit { H5Idec_ref(id) }
}
