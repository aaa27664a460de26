/* A provider of the host's own: it paints a plasma for the prompt, on a thread of its own, and the library does the rest.
 *
 *   provider [PROMPT]
 *
 * It costs nothing, so it has no check, and its work ends with the process, so it has no resume. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "t2i.h"

static t2i_error err = T2I_ERROR_INIT;

static void must(t2i_status status) {
  if (status == T2I_OK) return;
  fprintf(stderr, "%s: %s %s\n", t2i_status_name(status), err.where, err.message);
  exit(1);
}

/* ---- an uncompressed PNG ---- */

typedef struct writer {
  unsigned char *bytes;
  size_t count;
  uint32_t crc;
} writer;

static void put(writer *w, unsigned byte) {
  w->bytes[w->count++] = (unsigned char)byte;
  w->crc ^= byte & 255;
  for (int bit = 0; bit < 8; bit++) w->crc = w->crc >> 1 ^ (w->crc & 1 ? 0xEDB88320u : 0);
}

static void put32(writer *w, uint32_t word) {
  for (int shift = 24; shift >= 0; shift -= 8) put(w, word >> shift & 255);
}

static void chunk(writer *w, const char *type, uint32_t length) {
  put32(w, length);
  w->crc = 0xFFFFFFFFu;
  for (; *type; type++) put(w, (unsigned char)*type);
}

static void end_chunk(writer *w) { put32(w, ~w->crc); }

/* ---- one job ---- */

typedef struct work {
  t2i_job job;
  uint32_t width, height, seed;
} work;

/* A value for each place that changes slowly: three triangle waves, bent by the prompt. */
static unsigned wave(uint32_t place, uint32_t period) {
  uint32_t phase = place % (2 * period);
  return (unsigned)((phase < period ? phase : 2 * period - phase) * 255 / period);
}

/* Each row is a stored block of its own: its length, its complement, a filter byte and the pixels. 0 when nobody wants
 * the picture any more. */
static int paint_rows(writer *w, const work *work) {
  const uint32_t row = 1 + 3 * work->width;
  uint32_t low = 1, high = 0; /* Adler-32 */
  for (uint32_t y = 0; y < work->height; y++) {
    put(w, y + 1 == work->height);
    put(w, row & 255), put(w, row >> 8), put(w, ~row & 255), put(w, ~row >> 8 & 255);
    for (uint32_t i = 0; i < row; i++) {
      uint32_t x = (i + 2) / 3, bend = wave(x * 3 + work->seed % 997, work->height) / 2;
      unsigned value = i == 0 ? 0 : (wave(y + bend + work->seed % (89 * (i % 3 + 1)), work->height / (2 + i % 3)) +
                                     wave(x + bend, work->width / (1 + (i + 1) % 3))) / 2;
      put(w, value);
      low = (low + value) % 65521, high = (high + low) % 65521;
    }
    if (t2i_job_progress(work->job, (int32_t)(y * 1000 / work->height), NULL, 0) != T2I_OK) return 0;
  }
  put32(w, high << 16 | low);
  return 1;
}

static void *paint(void *argument) {
  work *work = argument;
  const uint32_t stored = 2 + work->height * (5 + 1 + 3 * work->width) + 4;
  writer w = {malloc(stored + 64), 0, 0};
  if (w.bytes == NULL) {
    t2i_job_finish(work->job, T2I_E_NOMEM, NULL, 0);
  } else {
    for (const char *magic = "\x89PNG\r\n\x1a\n"; *magic; magic++) put(&w, (unsigned char)*magic);
    chunk(&w, "IHDR", 13), put32(&w, work->width), put32(&w, work->height);
    put(&w, 8), put(&w, 2), put(&w, 0), put(&w, 0), put(&w, 0), end_chunk(&w);
    chunk(&w, "IDAT", stored), put(&w, 0x78), put(&w, 0x01);
    if (paint_rows(&w, work)) {
      end_chunk(&w), chunk(&w, "IEND", 0), end_chunk(&w);
      t2i_status given = t2i_job_output(work->job, w.bytes, w.count, "image/png");
      t2i_job_finish(work->job, given, "{\"message\":\"the plasma could not be handed over\"}", T2I_NTS);
    }
  }
  free(w.bytes), free(work);
  return NULL;
}

/* Called by whoever turns the client, so it only begins the work. */
static t2i_status T2I_CALL begin(void *self, t2i_job job, const char *req, size_t len, t2i_error *error) {
  work *work = malloc(sizeof *work);
  pthread_t thread;
  (void)self;
  if (work == NULL) return T2I_E_NOMEM;
  work->job = job, work->width = 1280, work->height = 720, work->seed = 0;
  const char *ratio = strstr(req, "\"ratio\":\""); /* A JSON library reads it better. */
  if (ratio) sscanf(ratio, "\"ratio\":\"%u:%u", &work->width, &work->height);
  for (size_t i = 0; i < len; i++) work->seed = work->seed * 31 + (unsigned char)req[i];
  if (work->width > 4096 || work->height > 4096 || pthread_create(&thread, NULL, paint, work) != 0) {
    free(work);
    snprintf(error->message, sizeof error->message, "a plasma has at most 4096 pixels a side, and needs a thread");
    return T2I_E_FAILED;
  }
  pthread_detach(thread);
  return T2I_OK;
}

int main(int argc, char **argv) {
  const char *prompt = argc > 1 ? argv[1] : "plasma";
  char request[4096];
  t2i_client client;
  t2i_task task;
  t2i_provider plasma = T2I_PROVIDER_INIT;
  plasma.name = "plasma";
  plasma.start = begin;
  snprintf(request, sizeof request, "{\"promptText\":\"%s\",\"ratio\":\"640:360\"}", prompt);

  must(t2i_client_open("{\"provider\":\"plasma\",\"journal\":null}", T2I_NTS, NULL, &client, &err));
  must(t2i_provider_add(client, &plasma, &err));
  must(t2i_submit(client, request, T2I_NTS, NULL, &task, &err));
  must(t2i_wait(client, &task, 1, T2I_WAIT_ALL, T2I_FOREVER, NULL, &err));
  must(t2i_output_save(client, task, 0, "plasma.png", T2I_NTS, T2I_SAVE_REPLACE, 0, &err));
  must(t2i_client_close(client, T2I_FOREVER, &err));
  puts("plasma.png");
  return 0;
}
