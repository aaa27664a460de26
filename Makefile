# The commands of this house, for a person and for CI alike:
#
#   make demo      install what is missing, build, paint one picture and print its path
#   make test      everything that can be tested here; ends with "N passed, N failed"
#   make tool      the command-line tool, $(SCRATCH)/bin/t2i
#   make check     the shipped library against include/t2i.h: exports, what it needs, what it must not touch
#   make fake      the hosted service on this machine, until Ctrl-C: no key, no money; prints what to export
#   make figures   the numbers of the README, measured
#   make crash     kill -9 and power cuts at every call of consequence, then recover: nothing paid twice, lost or silent
#   make race      a hard ceiling under 100,000 racing submits of 8 processes: no overshoot
#   make torture   hosts that do everything wrong, all of it and in both drives; `make test` has the quick half
#   make sanitize  the same hosts under ThreadSanitizer, then Address- and LeakSanitizer: whatever they report fails
#   make gallery   sixty prompts painted by sketch, on one page: $(SCRATCH)/gallery/index.html
#   make simulate  a million schedules of the engine, each stopped and replayed; 45 minutes
#   make install   PREFIX=/usr/local, LIBDIR=PREFIX/lib and DESTDIR= say where; `make uninstall` takes the same away
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
TOOL := $(wildcard Sources/t2i/*.c)
# Bound lazily, so that the tool can say that a library is wrong.
TOOLLINK = -L$(RELEASE) -lt2i -ljansson -lsqlite3 -ldl -Wl,-z,lazy
LINK := -L$(RELEASE) -lt2i -Wl,-rpath,'$$ORIGIN/../release'

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
VERSION := $(shell awk '/define T2I_VERSION_(MAJOR|MINOR|PATCH)/ {printf "%s%s", dot, $$3; dot = "."}' include/t2i.h)
MAJOR := $(firstword $(subst ., ,$(VERSION)))

.PHONY: demo test tool check build fake install uninstall install-deps lint figures gallery crash race torture sanitize simulate clean
.DELETE_ON_ERROR:
.NOTPARALLEL:

demo: install-deps build $(SCRATCH)/c/generate
	@$(SCRATCH)/c/generate "$(PROMPT)"

test:
	@.ci/install-deps tests
	@CC='$(CC)' CXX='$(CXX)' STDLIB=$(STDLIB) python3 Tests/run.py $(SCRATCH)

tool: $(SCRATCH)/bin/t2i

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
	@$(CC) -std=gnu11 -Wall -Wextra -O2 -Iinclude Tests/Figures/hosts.c -o $(SCRATCH)/c/hosts -pthread $(LINK)
	@$(SCRATCH)/c/hosts
	@T2I_LIBRARY=$(CURDIR)/$(LIBRARY) python3 bindings/python/tests/figures.py
	@CC='$(CC)' python3 Tests/Figures/safety.py $(SCRATCH)

# Sixty prompts on one page.
gallery: build
	@T2I_LIBRARY=$(CURDIR)/$(LIBRARY) python3 Tests/gallery/paint.py $(SCRATCH)/gallery

# About 45 minutes for the points of one task, and five for those of a crowd.
crash: build
	@CC='$(CC)' python3 Tests/crash/run.py $(SCRATCH)
	@CC='$(CC)' python3 Tests/crash/crowd.py $(SCRATCH)

race: build
	@CC='$(CC)' python3 Tests/crash/race.py $(SCRATCH)

# About twelve minutes.
torture: build
	@.ci/install-deps tests
	@CC='$(CC)' python3 Tests/C/hosts/run.py $(SCRATCH) all

# Full Swift, so that every access is seen; the toolchain's clang brings the same sanitizers for the hosts.
sanitize: sanitize-thread sanitize-address

sanitize-%:
	@.ci/install-deps tests
	@$(SWIFT) build --sanitize=$* --product t2i --scratch-path .build-$*
	@SANITIZER=$* CC='$(dir $(realpath $(shell command -v swift)))clang' python3 Tests/C/hosts/run.py .build-$* all

# A million schedules: about 45 minutes.
simulate:
	@SIMULATION_COUNT=1000000 $(SWIFT) test -Xswiftc -O --scratch-path .build-fast --disable-xctest --filter SimulationTests

# Built already, the library paints what is asked; otherwise the answer is always the same picture.
fake: install-deps
	@python3 Tests/FakeRunway/server.py --tls --seconds 6 --exports $(addprefix --paint ,$(wildcard $(LIBRARY)))

# Frame pointers would be 4 KB. Swift's builder relinks what was stripped, a quarter of a second; so the name stays the one it links.
build:
	@$(SWIFT) build -c release --product t2i --disable-local-rpath --omit-frame-pointers --scratch-path $(SCRATCH) $(SWIFTFLAGS)
	@strip -s $(LIBRARY)
	@ln -sf libt2i.so $(LIBRARY).1

# What `install` makes and `uninstall` removes.
INSTALLED = \
  $(LIBDIR)/libt2i.so.$(VERSION) $(LIBDIR)/libt2i.so.$(MAJOR) $(LIBDIR)/libt2i.so $(PREFIX)/include/t2i.h \
  $(LIBDIR)/pkgconfig/t2i.pc $(LIBDIR)/cmake/t2i/t2iConfig.cmake $(LIBDIR)/cmake/t2i/t2iConfigVersion.cmake \
  $(PREFIX)/bin/t2i $(PREFIX)/share/man/man1/t2i.1 $(PREFIX)/share/bash-completion/completions/t2i \
  $(PREFIX)/share/zsh/site-functions/_t2i $(PREFIX)/share/fish/vendor_completions.d/t2i.fish
FROM_TO = $$(realpath -m --relative-to='$(1)' '$(2)')
FILL = sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|g; s|@MAJOR@|$(MAJOR)|g' \
  -e "s|@INCLUDE_FROM_CONFIG@|$(call FROM_TO,$(LIBDIR)/cmake/t2i,$(PREFIX)/include)|"

install: build
	@$(if $(filter-out 2,$(words x $(PREFIX)) $(words x $(LIBDIR)))$(filter-out /%,$(PREFIX) $(LIBDIR)), \
	  echo 'install: PREFIX and LIBDIR must be absolute paths without spaces' >&2; exit 1)
	@mkdir -p $(addprefix '$(DESTDIR)',$(sort $(dir $(INSTALLED))))
	@install -m 755 $(LIBRARY) '$(DESTDIR)$(LIBDIR)/libt2i.so.$(VERSION)'
	@ln -sfn libt2i.so.$(VERSION) '$(DESTDIR)$(LIBDIR)/libt2i.so.$(MAJOR)'
	@ln -sfn libt2i.so.$(MAJOR) '$(DESTDIR)$(LIBDIR)/libt2i.so'
	@install -m 644 include/t2i.h '$(DESTDIR)$(PREFIX)/include/t2i.h'
	@$(FILL) bindings/c/t2i.pc.in >'$(DESTDIR)$(LIBDIR)/pkgconfig/t2i.pc'
	@$(FILL) bindings/c/t2iConfig.cmake.in >'$(DESTDIR)$(LIBDIR)/cmake/t2i/t2iConfig.cmake'
	@$(FILL) bindings/c/t2iConfigVersion.cmake.in >'$(DESTDIR)$(LIBDIR)/cmake/t2i/t2iConfigVersion.cmake'
	@$(CC) $(CFLAGS) -s -Iinclude $(TOOL) -o '$(DESTDIR)$(PREFIX)/bin/t2i' $(TOOLLINK) \
	  -Wl,-rpath,'$$ORIGIN/'"$(call FROM_TO,$(PREFIX)/bin,$(LIBDIR))"
	@install -m 644 Sources/t2i/t2i.1 '$(DESTDIR)$(PREFIX)/share/man/man1/t2i.1'
	@install -m 644 Sources/t2i/completions/t2i.bash '$(DESTDIR)$(PREFIX)/share/bash-completion/completions/t2i'
	@install -m 644 Sources/t2i/completions/_t2i '$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_t2i'
	@install -m 644 Sources/t2i/completions/t2i.fish '$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/t2i.fish'
	@echo 'installed libt2i $(VERSION) in $(DESTDIR)$(PREFIX)'

uninstall:
	@rm -f $(addprefix '$(DESTDIR)',$(INSTALLED))
	@rmdir '$(DESTDIR)$(LIBDIR)/cmake/t2i' 2>/dev/null || true

install-deps:
	@.ci/install-deps

lint:
	@$(SWIFT) format lint --strict --recursive --configuration .swift-format Sources Tests Package.swift

clean:
	rm -rf .build .build-fast .build-static .build-python .build-thread .build-address

$(SCRATCH)/bin/t2i: $(TOOL) $(wildcard Sources/t2i/*.h) include/t2i.h Makefile | build
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -Iinclude $(TOOL) -o $@ $(TOOLLINK) -Wl,-rpath,'$$ORIGIN/../release'

$(SCRATCH)/c/%: bindings/c/%.c include/t2i.h | build
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -Iinclude $< -o $@ $(LINK)
