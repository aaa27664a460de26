/* One prompt a line; blank lines and lines that begin with # are for people. The whole file is read before the first
 * picture is paid for, so that a wrong file costs nothing. */
#define _POSIX_C_SOURCE 200809L
#include "prompts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"

enum { PROMPTS_MAX = 100000, LINE_MAX_BYTES = 1 << 20 };

/* Bytes of the UTF-8 character at the beginning, 0 if it is none: overlong forms and surrogates are not. */
static size_t character_length(const unsigned char *bytes) {
  size_t length = bytes[0] < 0x80 ? 1 : bytes[0] < 0xc2 ? 0 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
  if (bytes[0] > 0xf4) return 0;
  for (size_t i = 1; i < length; i++)
    if ((bytes[i] & 0xc0) != 0x80) return 0;
  if (bytes[0] == 0xe0 && bytes[1] < 0xa0) return 0;
  if (bytes[0] == 0xed && bytes[1] > 0x9f) return 0;
  if (bytes[0] == 0xf0 && bytes[1] < 0x90) return 0;
  if (bytes[0] == 0xf4 && bytes[1] > 0x8f) return 0;
  return length;
}

static bool is_utf8(const char *text) {
  const unsigned char *bytes = (const unsigned char *)text;
  while (*bytes) {
    size_t length = character_length(bytes);
    if (length == 0) return false;
    bytes += length;
  }
  return true;
}

static char *trimmed(char *line) {
  if (strncmp(line, "\xef\xbb\xbf", 3) == 0) line += 3; /* editors on Windows begin a file so */
  while (*line == ' ' || *line == '\t') line++;
  size_t length = strlen(line);
  while (length > 0 && strchr(" \t\r\n", line[length - 1])) line[--length] = 0;
  return line;
}

static void keep(struct prompts *prompts, const char *line, size_t number) {
  if ((prompts->count & (prompts->count - 1)) == 0) {
    size_t room = prompts->count ? prompts->count * 2 : 1;
    prompts->items = held(realloc(prompts->items, room * sizeof *prompts->items));
  }
  prompts->items[prompts->count++] = (struct prompt){held(strdup(line)), number};
}

static struct prompts from_stream(FILE *stream, const char *name) {
  struct prompts prompts = {NULL, 0};
  char *line = NULL;
  size_t room = 0, number = 0;
  ssize_t length;
  errno = 0;
  while ((length = getline(&line, &room, stream)) >= 0) {
    number++;
    if (strlen(line) != (size_t)length) quit(CODE_USAGE, "line %zu of %s has a zero byte; it is no text", number, name);
    if (length > LINE_MAX_BYTES)
      quit(CODE_USAGE, "line %zu of %s is longer than a megabyte; a prompt is one line", number, name);
    char *prompt = trimmed(line);
    if (*prompt == 0 || *prompt == '#') continue;
    if (!is_utf8(prompt)) quit(CODE_USAGE, "line %zu of %s is not UTF-8; convert it with iconv", number, name);
    if (prompts.count == PROMPTS_MAX)
      quit(CODE_USAGE, "%s has more than %d prompts; split it", name, PROMPTS_MAX);
    keep(&prompts, prompt, number);
  }
  if (ferror(stream)) quit(CODE_FILE, "%s cannot be read: %s", name, strerror(errno));
  free(line);
  return prompts;
}

static struct prompts from_file(const char *path) {
  if (strcmp(path, "-") == 0) {
    if (isatty(STDIN_FILENO)) say("reading prompts, one a line; Ctrl-D ends");
    return from_stream(stdin, "standard input");
  }
  FILE *stream = fopen(path, "re");
  if (!stream) quit(CODE_FILE, "%s cannot be read: %s", path, strerror(errno));
  struct stat found;
  if (fstat(fileno(stream), &found) == 0 && S_ISDIR(found.st_mode))
    quit(CODE_FILE, "%s is a folder; --from wants a text file with a prompt a line", path);
  struct prompts prompts = from_stream(stream, path);
  fclose(stream);
  return prompts;
}

struct prompts prompts_read(const struct options *options) {
  struct prompts prompts = {NULL, 0};
  if (options->prompt) {
    if (!is_utf8(options->prompt))
      quit(CODE_USAGE, "the prompt is not UTF-8; use a terminal that writes UTF-8, or --from a file in UTF-8");
    keep(&prompts, options->prompt, 0);
    return prompts;
  }
  prompts = from_file(options->from);
  if (prompts.count == 0)
    quit(CODE_USAGE, "%s has no prompt; write one a line (# begins a comment)", options->from);
  return prompts;
}
