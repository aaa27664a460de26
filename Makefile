# The commands of this house, for a person and for CI alike:
#
#   make demo      install what is missing, build, paint one picture and print its path
#   make test      everything that can be tested here; ends with "N passed, N failed"
#   make check     the shipped library against include/t2i.h: exports, what it needs, what it must not touch
#   make figures   the numbers of the README, measured
#   make STDLIB=static <target>   the fallback: full Swift, its runtime linked in, in a folder of its own

STDLIB ?= embedded
PROMPT ?= A serene Japanese garden with cherry blossoms and a koi pond

ifeq ($(STDLIB),static)
  SCRATCH := .build-static
  SWIFTFLAGS := -Xswiftc -static-stdlib
  export T2I_STDLIB := static
else ifeq ($(STDLIB),embedded)
  SCRATCH := .build
else
  $(error STDLIB is embedded or static, not $(STDLIB))
endif

# A toolchain brings clang; a machine without cc needs no other compiler.
ifeq ($(origin CC),default)
  CC := $(shell command -v cc || command -v clang || echo cc)
endif
ifeq ($(origin CXX),default)
  CXX := $(shell command -v c++ || command -v clang++ || echo c++)
endif
# Swift's builder takes CC for its own C targets, which only clang can compile.
SWIFT := env -u CC -u CXX swift
unexport CC CXX

RELEASE := $(SCRATCH)/release
LIBRARY := $(RELEASE)/libt2i.so
CFLAGS := -std=c11 -Wall -Wextra -Wpedantic -Werror -O2
LINK := -L$(RELEASE) -lt2i -Wl,-rpath,'$$ORIGIN/../release'

.PHONY: demo test check build install-deps lint figures clean
.DELETE_ON_ERROR:
.NOTPARALLEL:

demo: install-deps build $(SCRATCH)/c/generate
	@$(SCRATCH)/c/generate "$(PROMPT)"

test: install-deps
	@CC='$(CC)' CXX='$(CXX)' STDLIB=$(STDLIB) python3 Tests/run.py $(SCRATCH)

check: build
	@STDLIB=$(STDLIB) python3 Tests/library.py check $(LIBRARY)
ifeq ($(STDLIB),embedded)
	@python3 Tests/objects.py $(RELEASE)
endif

figures: build
	@STDLIB=$(STDLIB) python3 Tests/library.py figures $(LIBRARY)
	@mkdir -p $(SCRATCH)/c
	@$(CC) -std=gnu11 -Wall -Wextra -O2 -Iinclude Tests/Figures/figures.c -o $(SCRATCH)/c/figures -ldl
	@$(SCRATCH)/c/figures $(CURDIR)/$(LIBRARY)

# Frame pointers would be 4 KB. Swift's builder relinks what was stripped, a quarter of a second; so the name stays the one it links.
build:
	@$(SWIFT) build -c release --product t2i --disable-local-rpath --omit-frame-pointers --scratch-path $(SCRATCH) $(SWIFTFLAGS)
	@strip -s $(LIBRARY)
	@ln -sf libt2i.so $(LIBRARY).1

install-deps:
	@.ci/install-deps

lint:
	@$(SWIFT) format lint --strict --recursive --configuration .swift-format Sources Tests Package.swift

clean:
	rm -rf .build .build-fast .build-static

$(SCRATCH)/c/%: bindings/c/%.c include/t2i.h | build
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -Iinclude $< -o $@ $(LINK)
