/* Without _GNU_SOURCE, as in CSys: a type that two modules define differently cannot be imported. */
#pragma once
#include <jansson.h>
#include <locale.h>

/* jansson's accessors for a value's type are macros, which Swift cannot call. */
static inline json_type cj_type(const json_t *value) { return json_typeof(value); }

/* json_decref is inline and recursive through macros; this is the one Swift calls. */
static inline void cj_release(json_t *value) { json_decref(value); }

/* The code hides in the last byte of the error's text, an array Swift sees as a tuple of 160. */
static inline enum json_error_code cj_code(const json_error_t *error) { return json_error_code(error); }

/* The C locale for uselocale(); glibc hands out a constant. NULL when there is no memory. */
static inline locale_t cj_c_locale(void) { return newlocale(LC_ALL_MASK, "C", (locale_t)0); }
