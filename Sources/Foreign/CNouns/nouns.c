#include "cnouns.h"

#include <pthread.h>
#include <stdlib.h>
#include <zlib.h>

#include "nouns.inc"

#define CHOICE_BYTES (2 * NOUNS_WORDS)
#define ALL_BYTES (NOUNS_WORD_BYTES + CHOICE_BYTES + NOUNS_SHAPE_BYTES)

/* Deflated, because it is half the size, and unpacked once, when a prompt names something. */
static const unsigned char packed[] = {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
#embed "nouns.bin"
#pragma clang diagnostic pop
};

#define PAGES ((NOUNS_WORDS + CNOUNS_PAGE - 1) / CNOUNS_PAGE)

static struct cnouns nouns;
static unsigned page_starts[PAGES], shape_starts[NOUNS_ICONS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void unpack(void) {
  uLongf size = ALL_BYTES;
  unsigned char *all = malloc(ALL_BYTES);
  if (all == NULL || uncompress(all, &size, packed, sizeof packed) != Z_OK || size != ALL_BYTES) {
    free(all);
    return;
  }
  for (unsigned at = 0, word = 0; word < NOUNS_WORDS; word++) {
    if (word % CNOUNS_PAGE == 0) page_starts[word / CNOUNS_PAGE] = at;
    while (all[at++] != '\n') {}
  }
  const unsigned char *shapes = all + NOUNS_WORD_BYTES + CHOICE_BYTES;
  for (unsigned at = 0, icon = 0; icon < NOUNS_ICONS; icon++) {
    shape_starts[icon] = at;
    unsigned contours = shapes[at + 5];
    at += 6;
    for (; contours > 0; contours--) at += 3u + 2u * (shapes[at + 1] | (unsigned)shapes[at + 2] << 8);
  }
  nouns.page_starts = page_starts;
  nouns.pages = PAGES;
  nouns.shape_starts = shape_starts;
  nouns.words = all;
  nouns.word_bytes = NOUNS_WORD_BYTES;
  nouns.choices = all + NOUNS_WORD_BYTES;
  nouns.shapes = nouns.choices + CHOICE_BYTES;
  nouns.icons = NOUNS_ICONS;
}

const struct cnouns *cnouns(void) {
  pthread_once(&once, unpack);
  return &nouns;
}
