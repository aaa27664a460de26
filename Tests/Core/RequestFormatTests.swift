// `outputFormat`: a setting of some models at the service, any format for any model where the painter writes the file.

import Core
import JSONCodec
import Testing

@Suite struct RequestFormatTests {
  @Test func sketchWritesEveryFormatForEveryModelWhereItsCodecIs() throws {
    func format(_ name: String) -> String { draft(#""model":"gen4_image","outputFormat":"\#(name)""#) }
    let all = { (rules: inout CheckRules) in rules.encodes = { _ in true } }
    let bare = { (rules: inout CheckRules) in rules.encodes = { $0.codec == nil } }
    for name in ["png", "jpeg", "webp", "rgba"] { try expectAccepted(format(name), all) }
    try expectAccepted(format("png"), bare)
    try expectAccepted(format("rgba"), bare)
    try expectRefusal(format("jpeg"), at: "/outputFormat", saying: "Debian: libturbojpeg0", bare)
    try expectRefusal(format("webp"), at: "/outputFormat", saying: "Debian: libwebp7", bare)
    try expectRefusal(format("jpg"), at: "/outputFormat", saying: "png, jpeg, webp", all)
    let wide = draft(#""ratio":"16384:16","outputFormat":"webp""#)
    let sketch = { (rules: inout CheckRules) in
      all(&rules)
      rules.takesAnySize = true
    }
    try expectRefusal(wide, at: "/outputFormat", saying: "at most 16383 pixels a side", sketch)
    #expect(try check(format("rgba"), all).request?.body["outputFormat"] == "rgba")
  }

  @Test func onlySketchGivesPixels() throws {
    try expectRefusal(draft(#""outputFormat":"rgba""#), at: "/outputFormat", saying: "leave it out")
    try expectRefusal(
      draft(#""model":"muse_image","ratio":"1600:1600","outputFormat":"rgba""#), at: "/outputFormat",
      saying: "muse_image gives webp")
  }
}
