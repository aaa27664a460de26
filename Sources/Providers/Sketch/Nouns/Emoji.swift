// Small pictures in a prompt, read as the words they stand for.

internal import Core

enum Emoji {
  /// Each with its word after it.
  private static let words: StaticString = """
    🐶dog 🐕dog 🐩poodle 🐺wolf 🦊fox 🐱cat 🐈cat 🦁lion 🐯tiger 🐅tiger 🐴horse 🐎horse 🦄unicorn 🦓zebra 🐮cow 🐄cow 🐂ox 🐷pig 🐖pig \
    🐑sheep 🐏ram 🐐goat 🐪camel 🦒giraffe 🐘elephant 🦏rhinoceros 🐭mouse 🐁mouse 🐀rat 🐹hamster 🐰rabbit 🐇rabbit 🦔hedgehog 🦇bat \
    🐻bear 🐨koala 🐼panda 🦘kangaroo 🐒monkey 🐵monkey 🦍gorilla 🐔chicken 🐓rooster 🐥chick 🐦bird 🐧penguin 🕊dove 🦅eagle 🦆duck \
    🦢swan 🦉owl 🦜parrot 🐸frog 🐊crocodile 🐢turtle 🦎lizard 🐍snake 🐉dragon 🐲dragon 🦖dinosaur 🦕dinosaur 🐳whale 🐋whale 🐬dolphin \
    🐟fish 🐠fish 🦈shark 🐙octopus 🐌snail 🦋butterfly 🐛caterpillar 🐜ant 🐝bee 🐞ladybug 🕷spider 🦂scorpion \
    💐bouquet 🌸blossom 🌹rose 🌺flower 🌻sunflower 🌼flower 🌷tulip 🌱sprout 🌲pine 🌳tree 🌴palm 🌵cactus 🌾wheat 🍀clover 🍁maple 🍂leaf \
    🍄mushroom 🍇grapes 🍉watermelon 🍊orange 🍋lemon 🍌banana 🍍pineapple 🍎apple 🍏apple 🍐pear 🍑peach 🍒cherries 🍓strawberry \
    🍅tomato 🥥coconut 🥑avocado 🍆eggplant 🥔potato 🥕carrot 🌽corn 🍞bread 🧀cheese 🍖meat 🍔hamburger 🍟fries 🍕pizza 🥚egg 🍳egg \
    🍦sundae 🍩doughnut 🍪cookie 🎂cake 🍰cake 🧁cupcake 🍫chocolate 🍬candy 🍷wine 🍺beer ☕coffee 🍵tea 🏺vase \
    🌍globe 🌎globe 🌏globe 🏔mountain ⛰mountain 🌋volcano 🏖beach 🏜desert 🏝island 🏠house 🏡house 🏢skyscraper 🏥hospital 🏫school \
    🏭factory 🏯castle 🏰castle ⛪church 🕌mosque ⛩shrine ⛲fountain ⛺tent 🌃night 🏙city 🌉bridge 🌅sunrise 🌄sunrise 🌇sunset \
    🚂train 🚆train 🚋tram 🚌bus 🚑ambulance 🚒truck 🚕taxi 🚗car 🚙car 🏎car 🚚truck 🚜tractor 🏍motorcycle 🚲bicycle ⚓anchor ⛵sailboat \
    🚢ship ✈airplane 🚁helicopter 🚀rocket 🛸ufo 🎈balloon 🎁gift 🏆trophy ⚽ball 🏀basketball 🎸guitar 🎻violin 🎹piano 🎺trumpet 🎷saxophone \
    🥁drum 📷camera 📺television 💻laptop 📱phone ⏰clock ⌚watch 🔑key 🔒lock 🔨hammer ⚔sword 🗡sword 🛡shield 🏹bow 🔔bell 📚books 📖book ✏pencil \
    🕯candle 💡lightbulb 🏮lantern 🛋sofa 🛏bed 🪑chair 🚪door ☂umbrella ☔umbrella 👑crown 👒hat 🎩hat 💍ring 💎diamond 👓glasses 👟sneaker \
    🤖robot 👽alien 👻ghost 💀skull ⛄snowman ☃snowman 🎃pumpkin 👨man 👩woman 👦boy 👧girl 👶baby 👴man 👵woman 🧙wizard 🧛vampire 👸princess \
    ☀sun 🌞sun 🌙moon 🌕moon 🌝moon ⭐star 🌟star 🌈rainbow ☁cloud ⛅cloud 🌧rain ⛈storm 🌩storm 🌨snow ❄snow 🌫fog 🌊wave 🔥fire ❤heart 🌌galaxy
    """

  /// The word for the character that begins at an index of these bytes, and how many bytes it takes; nil where it is no
  /// emoji. One that is only a part of another, as a tone of skin, has an empty word, and so has a dash or a quote.
  static func read(_ bytes: [UInt8], at index: Int) -> (word: [UInt8], length: Int)? {
    let length = bytes[index] == 0xf0 ? 4 : (bytes[index] == 0xe2 || bytes[index] == 0xef ? 3 : 0)
    guard length > 0, index + length <= bytes.count else { return nil }
    var code: UInt32 = 0
    for byte in bytes[index..<index + length] { code = code << 8 | UInt32(byte) }
    if isPart(code) { return ([], length) }
    if let word = word(of: code, length) { return (word, length) }
    // One that is not known is a word nobody here has heard.
    return code >> 16 == 0xf09f ? (Array(bytes[index..<index + length]), length) : nil
  }

  /// Codes are their bytes in UTF-8. U+FE0E and U+FE0F say how a character is to look, U+200D joins two and stands among
  /// dashes and quotes, U+1F3FB to U+1F3FF are tones of skin.
  private static func isPart(_ code: UInt32) -> Bool {
    code == 0xefb88e || code == 0xefb88f || code >> 8 == 0xe280 || code >= 0xf09f_8fbb && code <= 0xf09f_8fbf
  }

  private static func word(of code: UInt32, _ length: Int) -> [UInt8]? {
    words.withUTF8Buffer { text in
      var (start, seen) = (0, UInt32(0))
      for index in text.indices {
        if text[index] == UInt8(ascii: " ") {
          (start, seen) = (index + 1, 0)
        } else if index - start < length {
          seen = seen << 8 | UInt32(text[index])
        } else if index - start == length, seen == code {
          var word: [UInt8] = []
          for byte in text[index...] {
            if byte == UInt8(ascii: " ") { break }
            word.append(byte)
          }
          return word
        }
      }
      return nil
    }
  }
}
