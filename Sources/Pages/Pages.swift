/// The styles and scripts of the pages that the reports are made of, as they stand in this folder.
package enum Pages {
  /// The rules that all pages share.
  package static let style = text(PackageResources.base_css)
  /// Those of the page that shows a network at work.
  package static let seeStyle = style + text(PackageResources.see_css)

  /// Those of the page about a run.
  package static let reportStyle = style + text(PackageResources.report_css)

  /// What computes a network in the page: layers forwards and backwards, nothing of the page itself.
  package static let engine = [
    PackageResources.windows_js, PackageResources.convolution_js, PackageResources.pooling_js,
    PackageResources.activations_js, PackageResources.normalization_js, PackageResources.shapes_js,
    PackageResources.network_js,
  ].map(text).joined(separator: "\n")

  /// What shows it.
  package static let see = [
    PackageResources.state_js, PackageResources.maps_js, PackageResources.pointing_js,
    PackageResources.digit_js, PackageResources.flow_js, PackageResources.inspector_js,
    PackageResources.numbers_js, PackageResources.controls_js, PackageResources.main_js,
  ].map(text).joined(separator: "\n")

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
