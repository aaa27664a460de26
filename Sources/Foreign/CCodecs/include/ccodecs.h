/* Codecs that the system may have: TurboJPEG, libspng and libwebp, found when they are first wanted. Only pictures of the
 * host's own are decoded, nothing that came from outside; only what the painter painted is encoded. */
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

/* Whether JPEG or WebP can be written. */
int ccodecs_encodes(int format);

/* How large a file may become that encodes so many pixels, each side from 1 to 65535. 0 when the codec knows no bound. */
size_t ccodecs_encoded_max(int format, int width, int height);

/* Encodes rows of RGB, top down and without gaps, into room for `ccodecs_encoded_max` bytes. `stops` is asked now and then,
 * where the codec lets it, and ends the work when it answers 1. The length of the file, 0 when there is none. */
size_t ccodecs_encode(int format, const uint8_t *pixels, int width, int height, uint8_t *file, size_t room,
                      int (*stops)(void *), void *context);
