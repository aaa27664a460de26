// A request that a model of the catalogue accepted. There is no other way to make one than Catalogue.check.

package final class Request: Sendable {
  package let model: String
  package let prompt: String
  /// nil when it was left to the service, or is a form only the service can judge.
  package let ratio: Ratio?
  package let seed: Int64?
  package let references: [Reference]
  /// The picture that says where to edit, for the models that take one.
  package let mask: Source?
  /// What `uploads` were when somebody looked; empty where nobody did.
  package let parcels: [Parcel]
  package let outputCount: Int
  /// What goes to the service, keys in the order of its documentation, with model and ratio filled in and `extra`
  /// merged. Local sources stand here as they were written, until `body(uploaded:)`.
  package let body: JSON.Object
  /// As a caller could ask for it again: checked, it becomes this request. This is the form to keep on disk.
  package let draft: JSON.Object

  init(
    model: String, prompt: String, ratio: Ratio?, seed: Int64?, references: [Reference], mask: Source?,
    parcels: [Parcel], outputCount: Int, body: JSON.Object, draft: JSON.Object
  ) {
    self.model = model
    self.prompt = prompt
    self.ratio = ratio
    self.seed = seed
    self.references = references
    self.mask = mask
    self.parcels = parcels
    self.outputCount = outputCount
    self.body = body
    self.draft = draft
  }

  /// A request that was accepted in an earlier life, of which only the words are left: what is with the service needs no
  /// more.
  package init(restoring opening: Opening) {
    (model, prompt, ratio, seed) = (opening.model, "", nil, nil)
    (references, mask, parcels, outputCount) = ([], nil, [], 1)
    (body, draft) = (JSON.Object(), JSON.Object())
  }

  /// The draft as it may lie on disk: without the bytes of pictures.
  package var kept: JSON.Object {
    var kept = draft
    kept["referenceImages"] = kept["referenceImages"].map(Request.withoutBytes)
    kept["maskUri"] = kept["maskUri"].map(Request.withoutBytes)
    return kept
  }

  private static func withoutBytes(_ value: JSON) -> JSON {
    switch value {
    case .string(let text) where text.begins(with: "data:"): return .string("data:")
    case .array(let values): return .array(values.map(withoutBytes))
    case .object(let object):
      var plain = JSON.Object()
      for member in object.members { plain.append(member.key, withoutBytes(member.value)) }
      return .object(plain)
    default: return value
    }
  }

  /// More pictures than any model makes at once.
  static let maxOutputs = 64

  /// The order in which the service's documentation lists its keys; others follow as they came.
  static let keyOrder = [
    "model", "promptText", "ratio", "referenceImages", "contentModeration", "seed", "background",
    "outputCount",
    "quality", "outputFormat", "grounding", "edit", "maskUri", "preciseEdit", "thinkingLevel",
    "backgroundColor",
    "colors",
  ]

  /// What has to be uploaded before the service can be asked: the references in their order, then the mask.
  package var uploads: [Source] {
    var sources = references.map { $0.source }
    if let mask { sources.append(mask) }
    return sources.filter { $0.isLocal }
  }

  /// The body with every local source replaced by the URI it got, in the order of `uploads`. There must be one for each.
  package func body(uploaded uris: [String]) -> JSON.Object {
    precondition(uris.count == uploads.count)
    var rest = uris[...]
    var sent = body
    if !references.isEmpty {
      var images: [JSON] = []
      for reference in references {
        var image = JSON.Object()
        image.add("uri", text: reference.source.isLocal ? rest.removeFirst() : reference.source.text)
        image.add("tag", text: reference.tag)
        image.add("subject", text: reference.subject)
        images.append(.object(image))
      }
      sent["referenceImages"] = .array(images)
    }
    if let mask, mask.isLocal { sent["maskUri"] = .string(rest.removeFirst()) }
    return sent
  }
}

extension Source {
  /// As it stands in a request's `uri`; a file as its path.
  package var text: String {
    switch self {
    case .web(let uri), .hosted(let uri), .inline(let uri): uri
    case .file(let path): path
    case .blob(let number): String(sentence: "blob:\(number)")
    }
  }
}
