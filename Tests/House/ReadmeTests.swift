// The README quotes programs; what it quotes is compiled and run.

import Testing

@Suite struct ReadmeTests {
  @Test func theReadmeQuotesGenerateAsItIsCompiled() {
    let quoted = House.file("README.md").text
    let compiled = House.file("bindings/c/generate.c").text
    #expect(
      quoted.contains("```c\n" + compiled + "```"), "README.md quotes another generate.c than bindings/c has")
  }

  @Test func theHeaderShowsCallsThatGenerateMakes() {
    let header = House.file("include/t2i.h").text
    for call in ["t2i_client_open(", "t2i_submit(", "t2i_wait(", "t2i_output_save("] {
      #expect(header.contains(" *   " + call))
      #expect(House.file("bindings/c/generate.c").text.contains(call))
    }
  }

  @Test func everyMakeTargetTheReadmeNamesExists() {
    let makefile = House.file("Makefile").text
    for match in House.file("README.md").text.matches(of: /(?:`|\n)make (?:[A-Z]+=\S+ )?([a-z-]+)/) {
      #expect(makefile.contains("\n\(match.1):"), "make \(match.1) is in README.md, not in the Makefile")
    }
  }
}
