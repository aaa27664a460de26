/* The three libraries by hand: a handful of functions each, declared here as their headers have them, so that building needs
 * none of them. None of the three jumps through its caller when a picture is broken. */
#include "ccodecs.h"
#include "found.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

/* Of a picture decoded whole, in bytes: 32 Mi pixels. */
#define DECODED_MAX ((size_t)96 << 20)

/* TurboJPEG 2 and 3. */
static void *(*jpeg_open)(void);
static int (*jpeg_header)(void *, const unsigned char *, unsigned long, int *, int *, int *, int *);
static int (*jpeg_decode)(void *, const unsigned char *, unsigned long, unsigned char *, int, int, int, int, int);
static int (*jpeg_close)(void *);

/* libspng 0.7. */
struct png_header { uint32_t width, height; uint8_t rest[5]; };
static void *(*png_open)(int);
static int (*png_give)(void *, const void *, size_t);
static int (*png_header)(void *, struct png_header *);
static int (*png_decode)(void *, void *, size_t, int, int);
static void (*png_close)(void *);

/* libwebp 1. */
static int (*webp_header)(const uint8_t *, size_t, int *, int *);
static uint8_t *(*webp_decode)(const uint8_t *, size_t, uint8_t *, size_t, int);

static int has[4];
static pthread_once_t once = PTHREAD_ONCE_INIT;

int found(const char *library, const struct wanted *wanted, size_t count) {
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!handle) return 0;
  for (size_t i = 0; i < count; i++) {
    void *function = dlsym(handle, wanted[i].name);
    if (!function) return 0;
    *(void **)wanted[i].place = function;
  }
  return 1;
}

static void find(void) {
  const struct wanted jpeg[] = {{&jpeg_open, "tjInitDecompress"}, {&jpeg_header, "tjDecompressHeader3"},
                                {&jpeg_decode, "tjDecompress2"}, {&jpeg_close, "tjDestroy"}};
  const struct wanted png[] = {{&png_open, "spng_ctx_new"}, {&png_give, "spng_set_png_buffer"}, {&png_header, "spng_get_ihdr"},
                               {&png_decode, "spng_decode_image"}, {&png_close, "spng_ctx_free"}};
  const struct wanted webp[] = {{&webp_header, "WebPGetInfo"}, {&webp_decode, "WebPDecodeRGBInto"}};
  has[CCODECS_JPEG] = found("libturbojpeg.so.0", jpeg, 4);
  has[CCODECS_PNG] = found("libspng.so.0", png, 5);
  has[CCODECS_WEBP] = found("libwebp.so.7", webp, 2);
}

int ccodecs_has(int format) {
  pthread_once(&once, find);
  return format >= CCODECS_JPEG && format <= CCODECS_WEBP && has[format];
}

/* Room for the pixels, NULL when they are too many. */
static uint8_t *room(uint64_t width, uint64_t height) {
  if (width == 0 || height == 0 || width > DECODED_MAX || height > DECODED_MAX / (width * 3)) return NULL;
  return malloc((size_t)(width * height * 3));
}

/* Each cell of the grid is the mean of up to 64 of its pixels. */
static void view(const uint8_t *pixels, size_t width, size_t height, uint8_t *grid) {
  for (size_t cell = 0; cell < CCODECS_SIDE * CCODECS_SIDE; cell++) {
    uint32_t sums[3] = {0, 0, 0};
    for (size_t sample = 0; sample < 64; sample++) {
      size_t x = ((cell % CCODECS_SIDE) * 8 + sample % 8) * width / (CCODECS_SIDE * 8);
      size_t y = ((cell / CCODECS_SIDE) * 8 + sample / 8) * height / (CCODECS_SIDE * 8);
      for (size_t channel = 0; channel < 3; channel++) sums[channel] += pixels[(y * width + x) * 3 + channel];
    }
    for (size_t channel = 0; channel < 3; channel++) grid[cell * 3 + channel] = (uint8_t)(sums[channel] / 64);
  }
}

/* At an eighth of its size, which costs a JPEG the least. */
static int view_jpeg(const void *bytes, size_t size, uint8_t *grid) {
  void *jpeg = jpeg_open();
  if (!jpeg) return 0;
  int width, height, sampling, colours, done = 0;
  if (jpeg_header(jpeg, bytes, (unsigned long)size, &width, &height, &sampling, &colours) == 0 && width > 0 && height > 0) {
    width = (width + 7) / 8, height = (height + 7) / 8;
    uint8_t *pixels = room((uint64_t)width, (uint64_t)height);
    done = pixels && jpeg_decode(jpeg, bytes, (unsigned long)size, pixels, width, 0, height, 0 /* RGB */, 0) == 0;
    if (done) view(pixels, (size_t)width, (size_t)height, grid);
    free(pixels);
  }
  jpeg_close(jpeg);
  return done;
}

static int view_png(const void *bytes, size_t size, uint8_t *grid) {
  void *png = png_open(0);
  if (!png) return 0;
  struct png_header header;
  int done = 0;
  if (png_give(png, bytes, size) == 0 && png_header(png, &header) == 0) {
    uint8_t *pixels = room(header.width, header.height);
    size_t length = (size_t)header.width * header.height * 3;
    done = pixels && png_decode(png, pixels, length, 4 /* RGB8 */, 0) == 0;
    if (done) view(pixels, header.width, header.height, grid);
    free(pixels);
  }
  png_close(png);
  return done;
}

static int view_webp(const void *bytes, size_t size, uint8_t *grid) {
  int width, height;
  if (!webp_header(bytes, size, &width, &height) || width <= 0 || height <= 0) return 0;
  uint8_t *pixels = room((uint64_t)width, (uint64_t)height);
  size_t length = (size_t)width * (size_t)height * 3;
  int done = pixels && webp_decode(bytes, size, pixels, length, width * 3) != NULL;
  if (done) view(pixels, (size_t)width, (size_t)height, grid);
  free(pixels);
  return done;
}

int ccodecs_view(const void *bytes, size_t size, int format, uint8_t grid[CCODECS_BYTES]) {
  if (!ccodecs_has(format)) return 0;
  switch (format) {
  case CCODECS_JPEG: return view_jpeg(bytes, size, grid);
  case CCODECS_PNG: return view_png(bytes, size, grid);
  default: return view_webp(bytes, size, grid);
  }
}
