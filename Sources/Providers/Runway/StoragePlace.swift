// The answers to an upload: where the file may go and what it will be called, and whether it arrived there. A failure
// names the field of the request and the file, because the host knows nothing of the two requests in between.

package import Core
package import Transport

/// Where one file may be sent, once.
package final class StoragePlace: Sendable {
  let url: String
  /// In the order the storage host wants them.
  let fields: [Form.Field]
  /// What the file is called from then on.
  package let uri: String

  private static let maxFields = 64
  private static let uriBytes = 13...5000

  /// nil for what is no such place.
  init?(_ answer: JSON?) {
    guard let url = answer?["uploadUrl"]?.string, let uri = answer?["runwayUri"]?.string,
      let members = answer?["fields"]?.object?.members, members.count <= StoragePlace.maxFields,
      uri.begins(with: "runway://"), StoragePlace.uriBytes.contains(uri.byteCount),
      uri.bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { return nil }
    var fields: [Form.Field] = []
    for member in members {
      guard let value = member.value.string, StoragePlace.isPlain(member.key) else { return nil }
      fields.append(Form.Field(name: member.key, value: value))
    }
    self.url = url
    self.uri = uri
    self.fields = fields
  }

  /// Nothing that a form would have to escape.
  private static func isPlain(_ name: String) -> Bool {
    name.byteCount > 0 && name.byteCount <= 255
      && name.bytes.allSatisfy {
        $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
      }
  }
}

extension Wire {
  /// The answer to `place`, or why the upload goes no further.
  package static func place(
    _ outcome: Outcome, for parcel: Parcel, service: Service, unixSeconds now: Int64
  ) throws(UploadSetback) -> StoragePlace {
    switch outcome {
    case .lost(let loss):
      throw UploadSetback(.mayHaveArrived, ServiceError.failure(loss, to: .place, key: service.key), parcel)
    case .answered(let response):
      let complaint = Complaint(response, to: .place, key: service.key)
      let isGiven = response.status == 200 || response.status == 201
      if isGiven, let place = StoragePlace(complaint.json) { return place }
      let failure = ServiceError.failure(
        response, complaint, to: .place, service: service, unixSeconds: now)
      throw UploadSetback(isGiven ? .mayHaveArrived : .refused, failure, parcel)
    }
  }

  /// Whether the file arrived; nil if it did.
  package static func stored(
    _ outcome: Outcome, _ parcel: Parcel, service: Service, unixSeconds now: Int64
  ) -> UploadSetback? {
    switch outcome {
    case .lost(let loss):
      // What is forbidden now is forbidden the next time.
      let kind: Setback.Class = loss.reason == .forbidden ? .refused : .mayHaveArrived
      return UploadSetback(kind, ServiceError.failure(loss, to: .storage, key: service.key), parcel)
    case .answered(let response):
      if (200..<300).contains(response.status) { return nil }
      let complaint = Complaint(response, to: .storage, key: service.key)
      let failure = ServiceError.failure(
        response, complaint, to: .storage, service: service, unixSeconds: now)
      return UploadSetback(.refused, failure, parcel)
    }
  }
}

/// A setback of one upload, as whoever waits for it is told.
package struct UploadSetback: Error {
  package let setback: Setback

  package init(_ kind: Setback.Class, _ cause: Failure, _ parcel: Parcel) {
    var failure = cause
    failure.location = parcel.place
    failure.message = String(
      sentence: "\(parcel.shownName) was not uploaded: \(cause.message); nothing was charged")
    setback = Setback(kind, failure)
  }
}
