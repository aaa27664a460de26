/* Decoders that the system may have: TurboJPEG, libspng and libwebp, found when they are first wanted. Only for pictures of
 * the host's own; nothing that came from outside is ever decoded. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { CCODECS_JPEG = 1, CCODECS_PNG = 2, CCODECS_WEBP = 3 };

/* The pixels of a picture that are looked at: so many a side, evenly spread, each three bytes RGB. */
enum { CCODECS_SIDE = 16, CCODECS_BYTES = CCODECS_SIDE * CCODECS_SIDE * 3 };

/* Whether there is a decoder for a format. */
int ccodecs_has(int format);

/* Fills `grid` with a small view of the picture. 0 when there is no decoder, the picture is broken, or it is too large
 * to be decoded here. */
int ccodecs_view(const void *bytes, size_t size, int format, uint8_t grid[CCODECS_BYTES]);
