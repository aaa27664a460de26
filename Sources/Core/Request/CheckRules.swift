// What a client's configuration adds to the catalogue's rules.

package struct CheckRules: Sendable {
  /// Any width:height from 16:16 on is a size, beside those of the model: the provider paints to order.
  package var takesAnySize = false
  /// No picture may have more pixels; nil for what the model says.
  package var maxPixels: Int?
  /// The provider writes files by itself, in every format for every model. Asked of a format that needs a codec, it says
  /// whether there is one; nil where formats are settings of the models.
  package var encodes: (@Sendable (PictureFormat) -> Bool)?
  /// How many blobs stand beside the request.
  package var blobCount = 0
  /// Whether a request may name files of this machine.
  package var localReferences = true
  /// Hosts a reference may be fetched from, or *.name for all below a name; empty for any.
  package var allowedReferenceHosts: [String] = []

  package init() {}
}
