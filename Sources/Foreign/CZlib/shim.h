#pragma once
/* Without its file functions zlib needs nothing from libc, whose types would otherwise come in here as well as through
 * CSys or Foundation, differently spelled, which full Swift refuses. The streams are the same. */
#define Z_SOLO
#include <zlib.h>

/* deflateInit2 is a macro, which Swift cannot call. */
static inline int cz_deflate_init(z_stream *stream, int level, int window_bits, int strategy) {
  return deflateInit2(stream, level, Z_DEFLATED, window_bits, 8, strategy);
}
