/* JPEG by TurboJPEG and WebP by libwebp, declared by hand as their headers have them, so that building needs neither. Apart
 * from the decoders, because a library may have the one half only. */
#include "ccodecs.h"
#include "found.h"

#include <pthread.h>
#include <string.h>

enum { QUALITY = 90 };

/* TurboJPEG 2 and 3. */
enum { TJ_RGB = 0, TJ_444 = 0, TJ_KEEP_ROOM = 1024 };
static void *(*jpeg_open)(void);
static unsigned long (*jpeg_room)(int, int, int);
static int (*jpeg_encode)(void *, const unsigned char *, int, int, int, int, unsigned char **, unsigned long *, int, int, int);
static int (*jpeg_close)(void *);

/* libwebp 1: the encoder's interface 2, whose structures have grown at their ends only. The room at the end of each is for
 * fields of versions to come, which their init functions clear. */
enum { WEBP_INTERFACE = 0x020f, WEBP_SIDE_MAX = 16383 };
struct webp_config {
  int lossless;
  float quality;
  int method;
  int rest[125];
};
struct webp_picture {
  int use_argb, colorspace, width, height;
  uint8_t *y, *u, *v;
  int y_stride, uv_stride;
  uint8_t *a;
  int a_stride;
  uint32_t pad1[2];
  uint32_t *argb;
  int argb_stride;
  uint32_t pad2[3];
  int (*writer)(const uint8_t *, size_t, const struct webp_picture *);
  void *writer_context;
  int extra_info_type;
  uint8_t *extra_info;
  void *statistics;
  int error;
  int (*progress)(int, const struct webp_picture *);
  void *progress_context;
  uint64_t rest[64];
};
static int (*webp_config_init)(struct webp_config *, int, float, int);
static int (*webp_picture_init)(struct webp_picture *, int);
static int (*webp_import)(struct webp_picture *, const uint8_t *, int);
static int (*webp_encode)(const struct webp_config *, struct webp_picture *);
static void (*webp_free)(struct webp_picture *);

static int has_jpeg, has_webp;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void find(void) {
  const struct wanted jpeg[] = {{&jpeg_open, "tjInitCompress"}, {&jpeg_room, "tjBufSize"},
                                {&jpeg_encode, "tjCompress2"}, {&jpeg_close, "tjDestroy"}};
  const struct wanted webp[] = {{&webp_config_init, "WebPConfigInitInternal"}, {&webp_encode, "WebPEncode"},
                                {&webp_picture_init, "WebPPictureInitInternal"}, {&webp_free, "WebPPictureFree"},
                                {&webp_import, "WebPPictureImportRGB"}};
  has_jpeg = found("libturbojpeg.so.0", jpeg, 4);
  has_webp = found("libwebp.so.7", webp, 5);
}

int ccodecs_encodes(int format) {
  pthread_once(&once, find);
  return format == CCODECS_JPEG ? has_jpeg : format == CCODECS_WEBP ? has_webp : 0;
}

size_t ccodecs_encoded_max(int format, int width, int height) {
  if (!ccodecs_encodes(format) || width < 1 || height < 1 || width > 65535 || height > 65535) return 0;
  /* Lossy WebP stays far below the pixels themselves; what would not is refused by the writer. */
  if (format == CCODECS_WEBP) return (size_t)width * (size_t)height * 3 + 4096;
  unsigned long room = jpeg_room(width, height, TJ_444);
  return room == (unsigned long)-1 ? 0 : room;
}

static size_t encode_jpeg(const uint8_t *pixels, int width, int height, uint8_t *file, size_t room) {
  void *jpeg = jpeg_open();
  if (!jpeg) return 0;
  unsigned char *start = file;
  unsigned long size = room;
  int done = jpeg_encode(jpeg, pixels, width, width * 3, height, TJ_RGB, &start, &size, TJ_444, QUALITY, TJ_KEEP_ROOM) == 0;
  jpeg_close(jpeg);
  return done && start == file && size <= room ? size : 0;
}

struct work {
  uint8_t *file;
  size_t size, room;
  int (*stops)(void *);
  void *context;
};

static int write_webp(const uint8_t *bytes, size_t size, const struct webp_picture *picture) {
  struct work *work = picture->writer_context;
  if (size > work->room - work->size) return 0;
  memcpy(work->file + work->size, bytes, size);
  work->size += size;
  return 1;
}

static int goes_on(int percent, const struct webp_picture *picture) {
  struct work *work = picture->progress_context;
  (void)percent;
  return !work->stops(work->context);
}

static size_t encode_webp(const uint8_t *pixels, int width, int height, struct work *work) {
  struct webp_config config;
  struct webp_picture picture;
  if (width > WEBP_SIDE_MAX || height > WEBP_SIDE_MAX) return 0;
  if (!webp_config_init(&config, 0, QUALITY, WEBP_INTERFACE) || !webp_picture_init(&picture, WEBP_INTERFACE)) return 0;
  /* Of six, the one that still looks for good predictions; the default takes twice as long for a twentieth of the size. */
  config.method = 2;
  picture.width = width, picture.height = height;
  picture.writer = write_webp, picture.writer_context = work;
  picture.progress = goes_on, picture.progress_context = work;
  int done = webp_import(&picture, pixels, width * 3) && webp_encode(&config, &picture);
  webp_free(&picture);
  return done ? work->size : 0;
}

size_t ccodecs_encode(int format, const uint8_t *pixels, int width, int height, uint8_t *file, size_t room,
                      int (*stops)(void *), void *context) {
  size_t most = ccodecs_encoded_max(format, width, height);
  if (most == 0 || room < most) return 0;
  struct work work = {file, 0, room, stops, context};
  return format == CCODECS_JPEG ? encode_jpeg(pixels, width, height, file, room) : encode_webp(pixels, width, height, &work);
}
