/* The models the library knows without being told: JSON in the schema of catalogue.json, baked in. */
#pragma once
#include <stddef.h>

/* NUL-terminated, lives for ever; unpacked by the first call. Any thread. */
__attribute__((visibility("hidden"))) const char *ccatalogue_text(void);

/* Without the terminator. */
__attribute__((visibility("hidden"))) size_t ccatalogue_length(void);
