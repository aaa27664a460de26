/* File names, and whether they can be written, before anything is paid for. What happens between here and the saving is
 * the library's business: it never replaces a file unasked. */
#define _POSIX_C_SOURCE 200809L
#include "names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"

enum { SLUG_MAX = 40, TRIES_MAX = 10000 };

/* "A lighthouse, at dusk" is a-lighthouse-at-dusk. Other letters than ASCII's are left out: a name must survive every
 * file system and shell. */
static char *slug(const char *prompt) {
  char name[SLUG_MAX + 1];
  size_t length = 0;
  for (; *prompt && length < SLUG_MAX; prompt++) {
    char byte = *prompt;
    if (byte >= 'A' && byte <= 'Z') byte = (char)(byte - 'A' + 'a');
    bool kept = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
    if (kept) name[length++] = byte;
    else if (length > 0 && name[length - 1] != '-') name[length++] = '-';
  }
  /* A name that was cut ends with a whole word, if one is near. */
  if (*prompt && strchr(" ,.;:", *prompt) == NULL)
    for (size_t i = length; i > length / 2; i--)
      if (name[i - 1] == '-') length = i;
  while (length > 0 && name[length - 1] == '-') length--;
  name[length] = 0;
  return text("%s", length > 0 ? name : "picture");
}

char *numbered(const char *path, unsigned number) {
  const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
  if (!dot || (slash && dot < slash) || dot == path || (slash && dot == slash + 1)) dot = path + strlen(path);
  return text("%.*s-%u%s", (int)(dot - path), path, number, dot);
}

static bool is_taken(const char *path) {
  struct stat found;
  return lstat(path, &found) == 0;
}

static char *free_name(char *path) {
  char *name = text("%s", path);
  for (unsigned number = 2; is_taken(name) && number < TRIES_MAX; number++) {
    free(name);
    name = numbered(path, number);
  }
  free(path);
  return name;
}

/* As a person names a file of the format that is asked for; the answer comes too late for a name. */
static const char *ending(const struct options *options) {
  static const char *const endings[][2] = {{"jpeg", "jpg"}, {"webp", "webp"}, {"rgba", "rgba"}};
  static const char key[] = "outputFormat=";
  const char *found = "png";
  for (size_t i = 0; i < options->sets.count; i++) {
    const char *set = options->sets.items[i];
    if (strncmp(set, key, sizeof key - 1) != 0) continue;
    for (size_t j = 0; j < sizeof endings / sizeof *endings; j++)
      if (strstr(set, endings[j][0])) found = endings[j][1];
  }
  return found;
}

struct place place_for(const struct options *options, const struct prompts *prompts, size_t i) {
  if (options->output) return (struct place){text("%s", options->output), false};
  const char *folder = options->out_dir ? options->out_dir : "";
  const char *slash = folder[0] && folder[strlen(folder) - 1] != '/' ? "/" : "";
  char *name = slug(prompts->items[i].text);
  struct place place;
  if (options->from) {
    /* Numbers of one width, so that a listing has the order of the prompts. */
    int width = snprintf(NULL, 0, "%zu", prompts->count);
    place = (struct place){text("%s%s%0*zu-%s.%s", folder, slash, width, i + 1, name, ending(options)), false};
  } else {
    char *path = text("%s%s%s.%s", folder, slash, name, ending(options));
    place = (struct place){options->force ? path : free_name(path), !options->force};
  }
  free(name);
  return place;
}

void folder_require(const struct options *options) {
  const char *slash = options->output ? strrchr(options->output, '/') : NULL;
  char *folder = options->out_dir ? text("%s", options->out_dir) : NULL;
  if (slash) folder = text("%.*s", slash == options->output ? 1 : (int)(slash - options->output), options->output);
  if (!folder) folder = text(".");

  struct stat found;
  if (options->output && stat(options->output, &found) == 0 && S_ISDIR(found.st_mode))
    quit(CODE_FILE, "%s is a folder; name a file, or use --out-dir %s", options->output, options->output);
  if (options->out_dir && options->dry_run && stat(folder, &found) != 0 && errno == ENOENT) {
    free(folder);
    return;
  }
  if (options->out_dir && mkdir(folder, 0777) != 0 && errno != EEXIST)
    quit(CODE_FILE, "the folder %s cannot be made: %s", folder, strerror(errno));
  if (stat(folder, &found) != 0)
    quit(CODE_FILE, "there is no folder %s; make it, or give a folder that exists: %s", folder, strerror(errno));
  if (!S_ISDIR(found.st_mode)) quit(CODE_FILE, "%s is no folder; name another", folder);
  if (access(folder, W_OK | X_OK) != 0)
    quit(CODE_FILE, "nothing can be written in %s: %s; give another folder%s", folder, strerror(errno),
         options->from ? " with --out-dir" : " with -o or --out-dir");
  free(folder);
}

void places_require_free(const struct options *options, const struct place *places, size_t count) {
  const char *first = NULL;
  size_t taken = 0;
  for (size_t i = 0; i < count && !options->force; i++) {
    if (places[i].chosen || !is_taken(places[i].path)) continue;
    if (taken++ == 0) first = places[i].path;
  }
  if (taken == 1) quit(CODE_FILE, "%s exists; --force replaces it", first);
  if (taken > 1) quit(CODE_FILE, "%s and %zu more files exist; --force replaces them", first, taken - 1);
}
