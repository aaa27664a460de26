/* The concrete nouns of English, each with the icon that shows it, and the outlines of those icons; baked by bake.py from
 * WordNet and Material Design Icons (see NOTICE). */
#pragma once
#include <stddef.h>

/* Words on a page. */
#define CNOUNS_PAGE 64

struct cnouns {
  const unsigned char *words;   /* each ends with a line feed; in the order of their bytes. NULL: there was no memory */
  size_t word_bytes;
  const unsigned *page_starts;  /* where every CNOUNS_PAGEth word begins */
  size_t pages;
  size_t word_count;
  /* Of each word its icon, the lower byte; after all of these the upper bytes, whose highest bit is set for plurals such as mice. */
  const unsigned char *choices;
  /* Of each icon: its height in hundredths of the picture's measure, whether it flies, three bytes of colour, its number of
   * contours; of each contour: whether it is a hole, its number of points in two bytes, and their x and y, 0 to 240, y down. */
  const unsigned char *shapes;
  const unsigned *shape_starts; /* of each icon */
  size_t icons;
};

/* Unpacked by the first call, for ever. Any thread. */
__attribute__((visibility("hidden"))) const struct cnouns *cnouns(void);
