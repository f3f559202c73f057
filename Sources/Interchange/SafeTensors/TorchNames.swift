/// Names as Python has them.
enum TorchNames {
  /// The attributes under which a module holds layers of these names: the name itself where it can be one, or
  /// else like it, each another.
  static func attributes(_ names: [String]) -> [String] {
    var taken: Set<String> = []
    // A name that can stay goes before one that has to change.
    for name in names where isFree(name) { taken.insert(name) }
    return names.map { name in
      if isFree(name) { return name }
      let stem = identifier(name)
      var attribute = isFree(stem) ? stem : stem + "_"
      var number = 2
      while !taken.insert(attribute).inserted {
        attribute = "\(stem)_\(number)"
        number += 1
      }
      return attribute
    }
  }

  /// The name of a class: `DigitsFast` for `digits-fast`.
  static func className(_ name: String) -> String {
    let words = identifier(name).split(separator: "_")
    let joined = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    guard let first = joined.utf8.first, first > UInt8(ascii: "9") else { return "Model" + joined }
    // What the program defines or imports besides.
    let others: Set = ["F", "PReLU", "Normalization", "WEIGHTS"]
    return keywords.contains(joined) || others.contains(joined) ? joined + "Model" : joined
  }

  /// Letters, digits and underscores alone, no digit first.
  private static func identifier(_ name: String) -> String {
    let scalars = name.unicodeScalars.map { isWordCharacter($0) ? $0 : "_" }
    let text = String(String.UnicodeScalarView(scalars))
    return text.unicodeScalars.first.map { ("0"..."9").contains($0) } ?? true
      ? "layer_" + text : text
  }

  private static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_": true
    default: false
    }
  }

  /// Whether a name is an identifier that neither Python nor `torch.nn.Module` uses.
  private static func isFree(_ name: String) -> Bool {
    identifier(name) == name && !name.utf8.starts(with: "_".utf8) && !keywords.contains(name)
      && !members.contains(name)
  }

  private static func words(_ text: String) -> Set<String> {
    Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
  }

  private static let keywords = words(
    """
    False None True and as assert async await break class continue def del elif else except finally for from
    global if import in is lambda nonlocal not or pass raise return try while with yield
    """)

  private static let members = words(
    """
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches
    eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict
    modules mtia named_buffers named_children named_modules named_parameters parameters register_backward_hook
    register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook register_load_state_dict_pre_hook
    register_module register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_
    set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu zero_grad
    """)
}
