/* What sketch gives when `outputFormat` asks for it: the same picture in four formats, for every model. The system's
 * own decoders read it back; where one is missing, that is said. */
#include "check.h"

enum { WIDE = 96, HIGH = 64, PIXELS = WIDE * HIGH };

struct file {
  unsigned char *bytes;
  size_t size;
};

static struct file painted(t2i_client client, const char *format, const char *mime) {
  struct file file = {NULL, 0};
  void *bytes = NULL;
  t2i_output_info info = T2I_OUTPUT_INFO_INIT;
  t2i_task task = submit(client, text("{\"promptText\":\"a red boat on a lake\",\"seed\":3,\"ratio\":\"%d:%d\","
                                      "\"outputFormat\":\"%s\"}", WIDE, HIGH, format));
  CHECK(ended(client, task) == T2I_OK);
  CHECK_OK(t2i_output_get(client, task, 0, &info, &err));
  CHECK(info.width == WIDE && info.height == HIGH && info.expires_unix_ms == 0);
  if (!CHECK(strcmp(info.mime, mime) == 0)) printf("  %s is %s\n", format, info.mime);
  CHECK_OK(t2i_output_read(client, task, 0, T2I_FOREVER, &bytes, &file.size, &err));
  CHECK(info.bytes_total == file.size);
  file.bytes = (unsigned char *)bytes;
  CHECK_OK(t2i_task_close(client, task));
  return file;
}

static void *function(const char *library, const char *name) {
  void *opened = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  void *found = opened ? dlsym(opened, name) : NULL;
  if (!found) skipped(text("reading pictures back with %s", library));
  return found;
}

/* The mean distance of a colour from what the raw pixels say, in tenths of a step of 255. */
static int distance(const unsigned char *one, const unsigned char *other) {
  int64_t sum = 0;
  for (int i = 0; i < PIXELS * 4; i++)
    if (i % 4 < 3) sum += abs(one[i] - other[i]);
  return (int)(sum * 10 / (PIXELS * 3));
}

static int png_distance(struct file png, const unsigned char *pixels) {
  static unsigned char room[PIXELS * 4];
  void *(*make)(int) = NULL;
  int (*give)(void *, const void *, size_t) = NULL;
  int (*decode)(void *, void *, size_t, int, int) = NULL;
  void (*done)(void *) = NULL;
  *(void **)&make = function("libspng.so.0", "spng_ctx_new");
  if (!make) return 0;
  *(void **)&give = function("libspng.so.0", "spng_set_png_buffer");
  *(void **)&decode = function("libspng.so.0", "spng_decode_image");
  *(void **)&done = function("libspng.so.0", "spng_ctx_free");
  void *context = make(0);
  CHECK(give(context, png.bytes, png.size) == 0 && decode(context, room, sizeof room, 1, 0) == 0);
  done(context);
  return distance(room, pixels);
}

static int jpeg_distance(struct file jpeg, const unsigned char *pixels) {
  static unsigned char room[PIXELS * 4];
  void *(*make)(void) = NULL;
  int (*decode)(void *, const unsigned char *, unsigned long, unsigned char *, int, int, int, int, int) = NULL;
  int (*done)(void *) = NULL;
  *(void **)&make = function("libturbojpeg.so.0", "tjInitDecompress");
  if (!make) return 0;
  *(void **)&decode = function("libturbojpeg.so.0", "tjDecompress2");
  *(void **)&done = function("libturbojpeg.so.0", "tjDestroy");
  void *context = make();
  CHECK(decode(context, jpeg.bytes, jpeg.size, room, WIDE, 0, HIGH, 7 /* RGBA */, 0) == 0);
  done(context);
  return distance(room, pixels);
}

static int webp_distance(struct file webp, const unsigned char *pixels) {
  static unsigned char room[PIXELS * 4];
  uint8_t *(*decode)(const uint8_t *, size_t, uint8_t *, size_t, int) = NULL;
  *(void **)&decode = function("libwebp.so.7", "WebPDecodeRGBAInto");
  if (!decode) return 0;
  CHECK(decode(webp.bytes, webp.size, room, sizeof room, WIDE * 4) != NULL);
  return distance(room, pixels);
}

static int near(const char *format, int is, int most) {
  if (is > most) printf("  %s is %d tenths away from the pixels\n", format, is);
  return is <= most;
}

/* The same bytes each time, as the same codec writes them. */
static void isTheSameAgain(t2i_client client, struct file file, const char *format, const char *mime) {
  struct file again = painted(client, format, mime);
  CHECK(again.size == file.size && memcmp(again.bytes, file.bytes, file.size) == 0);
  t2i_free(again.bytes);
  t2i_free(file.bytes);
}

static void onePictureInFourFormats(void) {
  t2i_client client = open_client(SKETCH, 0);
  struct file rgba = painted(client, "rgba", "image/x-rgba"), png = painted(client, "png", "image/png");
  CHECK(rgba.size == PIXELS * 4);
  int opaque = 1;
  for (size_t i = 3; i < rgba.size; i += 4) opaque &= rgba.bytes[i] == 255;
  CHECK(opaque);
  CHECK(png_distance(png, rgba.bytes) == 0);
  isTheSameAgain(client, png, "png", "image/png");
  if (t2i_has("encode-jpeg") == T2I_OK) {
    struct file jpeg = painted(client, "jpeg", "image/jpeg");
    CHECK(jpeg.size > 200 && jpeg.bytes[0] == 0xff && jpeg.bytes[1] == 0xd8);
    CHECK(memmem(jpeg.bytes, jpeg.size, "not by an AI model", 18) != NULL);
    CHECK(near("jpeg", jpeg_distance(jpeg, rgba.bytes), 40));
    isTheSameAgain(client, jpeg, "jpeg", "image/jpeg");
  } else skipped("JPEG: install libturbojpeg0");
  if (t2i_has("encode-webp") == T2I_OK) {
    struct file webp = painted(client, "webp", "image/webp");
    CHECK(webp.size > 200 && memcmp(webp.bytes, "RIFF", 4) == 0 && memcmp(webp.bytes + 8, "WEBP", 4) == 0);
    CHECK(near("webp", webp_distance(webp, rgba.bytes), 60));
    isTheSameAgain(client, webp, "webp", "image/webp");
  } else skipped("WebP: install libwebp7");
  isTheSameAgain(client, rgba, "rgba", "image/x-rgba");
  close_client(client);
}

static void everyModelTakesThem(void) {
  static const char *const models[] = {"gen4_image", "gen4_image_turbo", "gemini_2.5_flash", "muse_image"};
  t2i_client client = open_client(SKETCH, 0);
  for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
    char *report = NULL;
    size_t length;
    const char *request = text("{\"promptText\":\"a fox\",\"model\":\"%s\",\"outputFormat\":\"rgba\","
                               "\"referenceImages\":[{\"uri\":\"https://example.com/a.png\"}]}", models[i]);
    CHECK_OK(t2i_check(client, request, T2I_NTS, &report, &length, &err));
    if (!CHECK(has(report, "\"ok\":true") && has(report, "\"outputFormat\":\"rgba\""))) printf("  %s\n", report);
    t2i_free(report);
  }
  close_client(client);
}

static void refuses(t2i_client client, const char *part, const char *request) {
  t2i_task task = 0;
  CHECK_REFUSED(T2I_E_ARG, "/outputFormat", t2i_submit(client, request, T2I_NTS, NULL, &task, E));
  if (!CHECK(has(err.message, part))) printf("  \"%s\" lacks \"%s\"\n", err.message, part);
}

static void whatIsNoFormatIsRefused(void) {
  t2i_client client = open_client(SKETCH, 0);
  refuses(client, "png, jpeg, webp", "{\"promptText\":\"a fox\",\"outputFormat\":\"tiff\"}");
  refuses(client, "png, jpeg, webp", "{\"promptText\":\"a fox\",\"outputFormat\":5}");
  refuses(client, "png, jpeg, webp", "{\"promptText\":\"a fox\",\"outputFormat\":null}");
  refuses(client, "16383", "{\"promptText\":\"a fox\",\"ratio\":\"16384:16\",\"outputFormat\":\"webp\"}");
  close_client(client);
  client = open_client("{\"provider\":\"runway\",\"apiKey\":\"key_0\",\"journal\":null}", 0);
  refuses(client, "only sketch", "{\"promptText\":\"a fox\",\"outputFormat\":\"rgba\"}");
  refuses(client, "jpeg", "{\"promptText\":\"a fox\",\"model\":\"muse_image\",\"outputFormat\":\"rgba\"}");
  close_client(client);
}

/* A file is named by what it is. */
static void theyAreSavedUnderTheirNames(void) {
  char folder[] = "/tmp/t2i-formats-XXXXXX";
  if (!CHECK(mkdtemp(folder) != NULL)) return;
  t2i_client client = open_client(text("{\"provider\":\"sketch\",\"outputDir\":\"%s\"}", folder), 0);
  t2i_task task = submit(client, "{\"promptText\":\"a fox\",\"ratio\":\"32:16\",\"outputFormat\":\"rgba\"}");
  char *json = NULL;
  size_t length;
  CHECK(ended(client, task) == T2I_OK);
  CHECK_OK(t2i_task_json(client, task, &json, &length, &err));
  char *path = strstr(json, folder), *end = path ? strchr(path, '"') : NULL;
  if (CHECK(end != NULL)) {
    *end = 0;
    struct stat facts;
    CHECK(strcmp(end - 5, ".rgba") == 0 && stat(path, &facts) == 0 && facts.st_size == 32 * 16 * 4);
    unlink(path);
  }
  t2i_free(json);
  close_client(client);
  CHECK(rmdir(folder) == 0);
}

/* Whatever the codec is at, a cancel is over at once and the client closes soon. */
static void aCancelDoesNotWaitForTheCodec(void) {
  if (t2i_has("encode-webp") != T2I_OK) {
    skipped("cancelling WebP: install libwebp7");
    return;
  }
  t2i_client client = open_client("{\"provider\":\"sketch\",\"paintThreads\":1}", 0);
  t2i_task task = submit(client, "{\"promptText\":\"sky\",\"ratio\":\"2048:2048\",\"outputFormat\":\"webp\"}");
  t2i_task_info info = T2I_TASK_INFO_INIT;
  do {
    must(t2i_task_get(client, task, &info, &err), "task_get");
  } while (info.progress_permille < 985 && !T2I_IS_FINAL(info.state));
  rest_ms(20);
  int64_t begun = now_ms();
  CHECK_OK(t2i_task_cancel(client, task, T2I_CANCEL_REMOTE, &err));
  CHECK(ended(client, task) == T2I_E_CANCELLED || info.state == T2I_S_SUCCEEDED);
  CHECK(now_ms() - begun < slowly(50));
  close_client(client);
  if (!CHECK(now_ms() - begun < slowly(150))) printf("  %" PRId64 " ms\n", now_ms() - begun);
}

int main(void) {
  begin();
  onePictureInFourFormats();
  everyModelTakesThem();
  whatIsNoFormatIsRefused();
  theyAreSavedUnderTheirNames();
  aCancelDoesNotWaitForTheCodec();
  return finish();
}
