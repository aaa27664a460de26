// A form with one file, as browsers send it and storage hosts want it: the fields in their order, the file last. The file
// is never in memory: libcurl asks for it piece by piece while it sends.

internal import CCurl
internal import Core

/// The bytes of a file on their way. Asked on the thread that turns the loop.
package protocol Cargo: AnyObject, Sendable {
  /// How many bytes there will be in all.
  var size: Int { get }

  /// Fills the room as far as it likes. 0 is the end; nil stops the transfer, of which the last piece is then missing.
  func load(into room: UnsafeMutableRawBufferPointer) -> Int?
}

/// multipart/form-data. Names, values and the file's name hold no control characters and no quotes.
package final class Form: Sendable {
  package final class Field: Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  package let fields: [Field]
  /// Of the file; its part is called "file".
  package let fileName: String
  package let mime: StaticString
  package let cargo: any Cargo

  package init(fields: [Field], fileName: String, mime: StaticString, cargo: any Cargo) {
    self.fields = fields
    self.fileName = fileName
    self.mime = mime
    self.cargo = cargo
  }
}

/// The same as libcurl has it, for one request of one handle.
final class FormData {
  let mime: OpaquePointer

  deinit { curl_mime_free(mime) }

  /// nil when there is no memory for it. The form must outlive the request.
  init?(_ form: Form, for handle: EasyHandle) {
    guard let mime = curl_mime_init(handle.easy) else { return nil }
    self.mime = mime
    for field in form.fields where !add(field) { return nil }
    if !addFile(form) { return nil }
  }

  private func add(_ field: Form.Field) -> Bool {
    guard let part = curl_mime_addpart(mime),
      withText(field.name, { curl_mime_name(part, $0) }) == CURLE_OK
    else { return false }
    return withText(field.value) { curl_mime_data(part, $0, field.value.byteCount) } == CURLE_OK
  }

  private func addFile(_ form: Form) -> Bool {
    guard let part = curl_mime_addpart(mime), curl_mime_name(part, "file") == CURLE_OK,
      withText(form.fileName, { curl_mime_filename(part, $0) }) == CURLE_OK,
      withText(String(form.mime), { curl_mime_type(part, $0) }) == CURLE_OK
    else { return false }
    let me = Unmanaged.passUnretained(form).toOpaque()
    let code = curl_mime_data_cb(
      part, curl_off_t(form.cargo.size),
      { room, size, count, form in
        guard let form, let room else { return Int(CURL_READFUNC_ABORT) }
        let cargo = Unmanaged<Form>.fromOpaque(form).takeUnretainedValue().cargo
        let bytes = UnsafeMutableRawBufferPointer(start: room, count: size * count)
        return cargo.load(into: bytes) ?? Int(CURL_READFUNC_ABORT)
      },
      // A form is sent once: who has to begin again asks for another place first.
      { _, _, _ in CURL_SEEKFUNC_FAIL }, nil, me)
    return code == CURLE_OK
  }
}
