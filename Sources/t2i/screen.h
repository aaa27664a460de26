/* The terminal behind stderr: what it can show, and a block of lines redrawn in place. Where there is no terminal
 * nothing is drawn and no escape code is written. */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdbool.h>
#include <stddef.h>

enum { LINE_BYTES = 2048 };

/* One line of the display, filled from the left and never wider than the terminal. */
struct line {
  char text[LINE_BYTES];
  size_t length;
  int columns, width;
};

/* Call once, after setlocale. */
void screen_begin(void);

/* stderr is a terminal that understands cursor movements. */
bool screen_can_redraw(void);
bool screen_is_utf8(void);
int screen_columns(void);
int screen_rows(void);

struct line line_begin(void);
/* Adds text, cut at the end of the line or after `most` columns (0: no limit but the line's). */
void line_add(struct line *line, const char *utf8, int most);
/* Spaces up to a column. */
void line_pad(struct line *line, int column);
void line_bar(struct line *line, int columns, int permille);

/* Replaces the block on the screen by these lines. */
void screen_draw(const struct line *lines, size_t count);
/* Takes the block away; the next thing written stands where it began. */
void screen_erase(void);
bool screen_is_erased(void);

#endif
