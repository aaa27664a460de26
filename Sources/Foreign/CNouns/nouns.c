#include "cnouns.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "nouns.inc"

#define CHOICE_BYTES (2 * NOUNS_WORDS)
#define BAKED_BYTES (NOUNS_FRONT_BYTES + CHOICE_BYTES + NOUNS_SHAPE_BYTES)
#define PAGES ((NOUNS_WORDS + CNOUNS_PAGE - 1) / CNOUNS_PAGE)

/* Deflated, because it is a third of the size, and unpacked once, when a prompt names something. */
static const unsigned char packed[] = {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
#embed "nouns.bin"
#pragma clang diagnostic pop
};

static struct cnouns nouns;
static unsigned page_starts[PAGES], shape_starts[NOUNS_ICONS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Each word begins with a byte that says how much of the one before it stands before the rest. What follows the last
 * one may look like a letter more. */
static void spell(const unsigned char *coded, unsigned char *words) {
  const unsigned char *stop = coded + NOUNS_FRONT_BYTES;
  unsigned char *end = words, *before = words;
  for (unsigned word = 0; word < NOUNS_WORDS; word++) {
    if (word % CNOUNS_PAGE == 0) page_starts[word / CNOUNS_PAGE] = (unsigned)(end - words);
    unsigned char *start = end;
    unsigned shared = *coded++ - (unsigned)' ';
    memcpy(end, before, shared);
    end += shared;
    while (coded < stop && *coded >= 'a') *end++ = *coded++;
    *end++ = '\n';
    before = start;
  }
}

/* Each coordinate stands as the step from the one before it. */
static void draw(unsigned char *shapes) {
  for (unsigned at = 0, icon = 0; icon < NOUNS_ICONS; icon++) {
    shape_starts[icon] = at;
    unsigned contours = shapes[at + 5];
    at += 6;
    for (; contours > 0; contours--) {
      unsigned count = shapes[at + 1] | (unsigned)shapes[at + 2] << 8;
      at += 3;
      for (int axis = 0; axis < 2; axis++, at += count)
        for (unsigned i = 1; i < count; i++) shapes[at + i] = (unsigned char)(shapes[at + i] + shapes[at + i - 1]);
    }
  }
}

static void unpack(void) {
  uLongf size = BAKED_BYTES;
  unsigned char *baked = malloc(BAKED_BYTES), *words = malloc(NOUNS_WORD_BYTES);
  if (baked == NULL || words == NULL || uncompress(baked, &size, packed, sizeof packed) != Z_OK || size != BAKED_BYTES) {
    free(baked);
    free(words);
    return;
  }
  unsigned char *shapes = baked + NOUNS_FRONT_BYTES + CHOICE_BYTES;
  spell(baked, words);
  draw(shapes);
  nouns = (struct cnouns){words, NOUNS_WORD_BYTES, page_starts, PAGES, NOUNS_WORDS, baked + NOUNS_FRONT_BYTES, shapes, shape_starts, NOUNS_ICONS};
}

const struct cnouns *cnouns(void) {
  pthread_once(&once, unpack);
  return &nouns;
}
