/* The voice of the tool: sentences on stderr, results on stdout, and the exit codes. */
#define _POSIX_C_SOURCE 200809L
#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "screen.h"

void *held(void *memory) {
  if (memory == NULL) {
    fputs("t2i: out of memory\n", stderr);
    exit(CODE_LIBRARY);
  }
  return memory;
}

static char *formatted(const char *format, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, again);
  va_end(again);
  if (length < 0) return held(strdup(format));
  char *line = held(malloc((size_t)length + 1));
  vsnprintf(line, (size_t)length + 1, format, arguments);
  return line;
}

char *text(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char *line = formatted(format, arguments);
  va_end(arguments);
  return line;
}

void make_printable(char *line) {
  for (unsigned char *byte = (unsigned char *)line; *byte; byte++) {
    if (*byte < 0x20 || *byte == 0x7f) *byte = ' ';
    /* U+0080 to U+009F: some terminals take them for the beginning of an escape code. */
    if (byte[0] == 0xc2 && byte[1] >= 0x80 && byte[1] <= 0x9f) byte[0] = byte[1] = ' ';
  }
}

static void speak(const char *format, va_list arguments) {
  char *line = formatted(format, arguments);
  make_printable(line);
  screen_erase();
  fprintf(stderr, "t2i: %s\n", line);
  free(line);
}

void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  speak(format, arguments);
  va_end(arguments);
}

void quit(int code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  speak(format, arguments);
  va_end(arguments);
  exit(code);
}

int code_of(t2i_status status) {
  switch (status) {
  case T2I_E_IO:
  case T2I_E_EXISTS:
  case T2I_E_NOSPC:
  case T2I_E_JOURNAL: return CODE_FILE;
  case T2I_E_AUTH: return CODE_KEY;
  case T2I_E_CREDITS:
  case T2I_E_BUDGET:
  case T2I_E_AMBIGUOUS: return CODE_MONEY;
  case T2I_E_ARG:
  case T2I_E_UTF8:
  case T2I_E_JSON:
  case T2I_E_LIMIT: return CODE_REFUSED;
  case T2I_E_QUOTA:
  case T2I_E_RATE: return CODE_SERVICE;
  default: break;
  }
  if (status >= 0) return CODE_DONE;
  if (status <= -40 && status >= -59) return CODE_SERVICE;
  if (status <= -60 && status >= -98) return CODE_TASK;
  return CODE_LIBRARY;
}

const char *sentence(const t2i_error *error) {
  static char line[sizeof error->where + sizeof error->message + 4];
  const char *place = error->where[0] == '/' ? error->where + 1 : error->where;
  if (place[0] == 0 || strncmp(error->message, place, strlen(place)) == 0) {
    snprintf(line, sizeof line, "%s", error->message);
  } else {
    snprintf(line, sizeof line, "%s: %s", error->where, error->message);
  }
  return line;
}

const char *credits(long long millicredits) {
  static char lines[8][40];
  static unsigned next;
  char *line = lines[next++ % 8];
  long long whole = millicredits / 1000, rest = millicredits % 1000;
  if (millicredits == 0) return "nothing";
  if (rest == 0) {
    snprintf(line, sizeof lines[0], "%lld credit%s", whole, whole == 1 ? "" : "s");
    return line;
  }
  int length = snprintf(line, sizeof lines[0], "%lld.%03lld", whole, rest);
  while (length > 0 && line[length - 1] == '0') line[--length] = 0;
  snprintf(line + length, sizeof lines[0] - (size_t)length, " credits");
  return line;
}

int print_line(const char *line) {
  screen_erase();
  puts(line);
  return flushed(CODE_DONE);
}

void put_line(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char *line = formatted(format, arguments);
  va_end(arguments);
  make_printable(line);
  puts(line);
  free(line);
}

int flushed(int code) {
  if (fflush(stdout) == 0 || code != CODE_DONE) return code;
  if (errno == EPIPE) return CODE_CLOSED_PIPE;
  say("standard output cannot be written: %s", strerror(errno));
  return CODE_FILE;
}
