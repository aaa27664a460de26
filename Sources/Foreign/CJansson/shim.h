#pragma once
#include <jansson.h>

/* jansson's accessors for a value's type are macros, which Swift cannot call. */
static inline json_type cj_type(const json_t *value) { return json_typeof(value); }

/* json_decref is inline and recursive through macros; this is the one Swift calls. */
static inline void cj_release(json_t *value) { json_decref(value); }
