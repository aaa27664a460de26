/* A block of lines at the bottom of a terminal. Each frame is one write, so that it does not flicker; each line is cut
 * to the width of the terminal, because a wrapped line could not be erased again. */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700
#include "screen.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

enum { COLUMNS_USUAL = 80, COLUMNS_MIN = 20, COLUMNS_MAX = 400, ROWS_USUAL = 24, LINES_MAX = 64 };

static bool can_redraw, is_utf8;
static size_t drawn;

void screen_begin(void) {
  const char *kind = getenv("TERM");
  can_redraw = isatty(STDERR_FILENO) && kind && kind[0] && strcmp(kind, "dumb") != 0;
  is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

bool screen_can_redraw(void) { return can_redraw; }

bool screen_is_utf8(void) { return is_utf8; }

static int measured(int from_terminal, const char *variable, int usual) {
  if (from_terminal > 0) return from_terminal;
  const char *said = getenv(variable);
  long value = said ? strtol(said, NULL, 10) : 0;
  return value > 0 && value < 10000 ? (int)value : usual;
}

int screen_columns(void) {
  struct winsize size = {0};
  ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
  int columns = measured(size.ws_col, "COLUMNS", COLUMNS_USUAL);
  return columns < COLUMNS_MIN ? COLUMNS_MIN : columns > COLUMNS_MAX ? COLUMNS_MAX : columns;
}

int screen_rows(void) {
  struct winsize size = {0};
  ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
  return measured(size.ws_row, "LINES", ROWS_USUAL);
}

struct line line_begin(void) {
  struct line line = {.width = screen_columns() - 1}; /* a full last column wraps on some terminals */
  return line;
}

static void append(struct line *line, const char *bytes, size_t count, int columns) {
  if (line->length + count >= sizeof line->text || line->columns + columns > line->width) return;
  memcpy(line->text + line->length, bytes, count);
  line->length += count;
  line->text[line->length] = 0;
  line->columns += columns;
}

/* The next character and the columns it takes; what the terminal cannot show becomes '?'. */
static size_t character(const char *bytes, const char **shown, size_t *count, int *columns) {
  wchar_t wide;
  mbstate_t state = {0};
  unsigned char first = (unsigned char)bytes[0];
  *shown = bytes, *count = 1, *columns = 1;
  if (first < 0x20 || first == 0x7f) *shown = " ";
  if (first < 0x80) return 1;

  size_t length = 1;
  while (length < 4 && ((unsigned char)bytes[length] & 0xc0) == 0x80) length++;
  *shown = "?";
  if (!is_utf8 || mbrtowc(&wide, bytes, length, &state) != length) return length;
  int width = wcwidth(wide);
  if (width >= 0) *shown = bytes, *count = length, *columns = width;
  return length;
}

void line_add(struct line *line, const char *utf8, int most) {
  int end = most > 0 && line->columns + most < line->width ? line->columns + most : line->width;
  while (*utf8) {
    const char *shown;
    size_t count;
    int columns;
    utf8 += character(utf8, &shown, &count, &columns);
    if (line->columns + columns > end) return;
    append(line, shown, count, columns);
  }
}

void line_pad(struct line *line, int column) {
  while (line->columns < column && line->columns < line->width) append(line, " ", 1, 1);
}

void line_bar(struct line *line, int columns, int permille) {
  static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  int parts = is_utf8 ? 8 : 1;
  int filled = columns * parts * permille / 1000;
  int start = line->columns;
  if (!is_utf8) append(line, "[", 1, 1);
  for (int i = 0; i < filled / parts; i++) append(line, is_utf8 ? "█" : "#", is_utf8 ? 3 : 1, 1);
  if (filled % parts) append(line, eighths[filled % parts], 3, 1);
  while (line->columns - start - !is_utf8 < columns && line->columns < line->width)
    append(line, is_utf8 ? "░" : "-", is_utf8 ? 3 : 1, 1);
  if (!is_utf8) append(line, "]", 1, 1);
}

/* A frame on its way to the terminal. */
static char frame[LINES_MAX * (LINE_BYTES + 16)];
static size_t frame_length;

static void put(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(frame + frame_length, sizeof frame - frame_length, format, arguments);
  va_end(arguments);
  if (length > 0 && (size_t)length < sizeof frame - frame_length) frame_length += (size_t)length;
}

static void show(void) {
  fwrite(frame, 1, frame_length, stderr);
  fflush(stderr);
  frame_length = 0;
}

static void put_start(void) {
  if (drawn > 1) put("\033[%zuA", drawn - 1);
  put("\r");
}

void screen_draw(const struct line *lines, size_t count) {
  if (!can_redraw || count == 0) return;
  if (count > LINES_MAX) count = LINES_MAX;
  if (drawn > 0) put_start();
  for (size_t i = 0; i < count; i++) put("%s%s\033[K", i > 0 ? "\n" : "", lines[i].text);
  /* What is left of a longer block goes away; the cursor stays behind the last line. */
  if (drawn > count) put("\033[J");
  drawn = count;
  show();
}

void screen_erase(void) {
  if (drawn == 0) return;
  put_start();
  put("\033[J");
  drawn = 0;
  show();
}

bool screen_is_erased(void) { return drawn == 0; }
