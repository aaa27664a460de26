/* A host that gets every argument wrong: each pointer NULL or misaligned, each length 0 or SIZE_MAX, each structure of
 * a size that lies, each text that is no UTF-8, one at a time and in pairs, for every function of the header, which is
 * where the calls come from. Each function has a process of its own. Nothing may crash, hang, answer a number that has
 * no name, or write to an output of a call that failed. */
#include "every.h"

/* Where a child is, for whoever finds it dead; and what it counted. */
struct report {
  int calls, refused, wrong;
  char now[256];
};

static struct report *report;
static struct arguments arguments;
static int is_hosted;

static const char *configuration(void) {
  /* Nobody listens there: what a hosted client does is tried as well, and leads nowhere. */
  return is_hosted ? "{\"provider\":\"runway\",\"apiKey\":\"key_0123456789abcdef\",\"baseUrl\":\"http://127.0.0.1:9\","
                     "\"environment\":false,\"journal\":\"journal.sqlite\",\"pollFloorMs\":20}"
                   : "{\"provider\":\"sketch\",\"simulate\":{\"paint\":false}}";
}

/* A client that is open, and a task of it. */
static void have_a_task(void) {
  t2i_task_info info = T2I_TASK_INFO_INIT;
  if (t2i_client_wake(arguments.client) != T2I_OK) {
    must(try_open(configuration(), &arguments.client), "open");
    arguments.task = 0;
  }
  if (arguments.task != 0 && t2i_task_get(arguments.client, arguments.task, &info, NULL) == T2I_OK) return;
  const char *request = "{\"promptText\":\"a fox\",\"ratio\":\"1280:720\"}";
  must(t2i_submit(arguments.client, request, T2I_NTS, NULL, &arguments.task, &err), "submit");
  if (!is_hosted) ended(arguments.client, arguments.task);
}

/* How many ways there are to spoil a parameter, and one of them. */
static const char *const texts[] = {"\xff\xfe", "\xc0\xaf", "{\"promptText\":\"\xed\xa0\x80\"}", "{\"a\":\"\xe2\x82",
                                    "[", "{\"\\u0000\":1}", ""};
enum { TEXTS = sizeof texts / sizeof *texts };

static int spoils(const struct parameter *parameter) {
  switch (parameter->kind) {
  case CLIENT:
  case TASK:
  case JOB:
  case NUMBER: return 4;
  case LENGTH: return 3;
  case TEXT: return 2 + TEXTS;
  case RECORD:
  case OPTIONS: return 8;
  default: return 3;
  }
}

static void spoil(int index, const struct parameter *parameter, int way) {
  static const uint64_t numbers[] = {UINT64_MAX, (uint64_t)INT64_MIN, 0x80000000u, 7};
  static const uint64_t handles[] = {0, UINT64_MAX, 1, 1ull << 53};
  static const uint64_t lengths[] = {0, SIZE_MAX, SIZE_MAX - 1};
  static const uint32_t sizes[] = {0, 1, 4, UINT32_MAX};
  unsigned char *room = arguments.rooms[index];
  uint64_t *word = &arguments.words[index];
  if (parameter->kind <= JOB) *word = handles[way];
  else if (parameter->kind == NUMBER) *word = numbers[way];
  else if (parameter->kind == LENGTH) *word = lengths[way];
  else if (way == 0) *word = 0;
  else if (way == 1 || (way == 2 && parameter->kind != TEXT)) {
    /* The same, a byte or three further on. */
    memmove(room + way * 2 - 1, room, ROOM / 2);
    *word += (uint64_t)way * 2 - 1;
  } else if (parameter->kind == TEXT) strcpy((char *)room, texts[way - 2]);
  else {
    /* A size that lies, and garbage instead of everything else; the last is long and believable. */
    uint32_t size = way == 7 ? (uint32_t)parameter->size + 64 : sizes[way - 3];
    memset(room, 0xa5, ROOM);
    memcpy(room, &size, sizeof size);
  }
}

/* NULL is allowed where the header says so. */
static int may_be_null(const struct function *function, const struct parameter *parameter) {
  static const char *const allowed[] = {"opts", "err", "index", "next_ms", "leaks_json", "data", "token"};
  for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
    if (is(parameter->name, allowed[i])) return parameter->kind != OWNED || is(function->name, "t2i_shutdown");
  return 0;
}

static void complain(const char *what, int64_t result) {
  printf("  %s: %s (%s)\n", report->now, what, t2i_status_name((t2i_status)result));
  report->wrong++;
}

/* Makes the call and looks at what it answered and wrote. */
static int64_t make(const struct function *function) {
  static unsigned char before[PARAMETERS][ROOM];
  memcpy(before, arguments.rooms, sizeof before);
  int64_t result = function->call(arguments.words);
  report->calls++;
  if (function->is_status && is(t2i_status_name((t2i_status)result), "T2I_UNKNOWN")) complain("no status", result);
  if (function->is_status && result < 0) {
    report->refused++;
    for (int i = 0; i < function->count; i++) {
      const struct parameter *parameter = &function->parameters[i];
      /* The error record is for this; how a task ended is told in one as well. */
      int is_written = is(parameter->name, "err") || is(function->name, "t2i_task_error");
      if (!is_written && memcmp(before[i], arguments.rooms[i], ROOM) != 0) complain("wrote to an output", result);
    }
  }
  put_back(&arguments, function, function->is_status ? result : -1);
  return result;
}

static void try_single(const struct function *function, int index, int way) {
  const struct parameter *parameter = &function->parameters[index];
  snprintf(report->now, sizeof report->now, "%s, %s spoiled in way %d", function->name, parameter->name, way);
  have_a_task();
  good_arguments(&arguments, function);
  spoil(index, parameter, way);
  int64_t result = make(function);
  if (function->is_status && parameter->kind >= TEXT && way == 0 && result >= 0 && !may_be_null(function, parameter))
    complain("took NULL", result);
}

static void try_pair(const struct function *function, int first, int way, int second, int other) {
  const struct parameter *one = &function->parameters[first], *two = &function->parameters[second];
  snprintf(report->now, sizeof report->now, "%s, %s spoiled in way %d and %s in way %d", function->name, one->name, way,
           two->name, other);
  have_a_task();
  good_arguments(&arguments, function);
  spoil(first, one, way);
  spoil(second, two, other);
  make(function);
}

static void try_all(const struct function *function) {
  for (int i = 0; i < function->count; i++)
    for (int way = 0; way < spoils(&function->parameters[i]); way++) {
      try_single(function, i, way);
      for (int j = i + 1; j < function->count; j++)
        for (int other = 0; other < spoils(&function->parameters[j]); other++) try_pair(function, i, way, j, other);
    }
}

/* Only what came from the library may be given to t2i_free, and only NULL may be wrong. */
static int is_exempt(const struct function *function) { return is(function->name, "t2i_free"); }

static int child(const struct function *function) {
  alarm((unsigned)slowly(either(120, 30)));
  try_all(function);
  /* After all that, the library still works. */
  snprintf(report->now, sizeof report->now, "%s, afterwards", function->name);
  t2i_shutdown(slowly(5000), NULL, NULL);
  is_hosted = 0;
  have_a_task();
  if (t2i_task_error(arguments.client, arguments.task, &err) != T2I_OK) complain("nothing works any more", err.status);
  if (t2i_shutdown(slowly(5000), NULL, NULL) != T2I_OK) complain("something is left", 0);
  return report->wrong ? 1 : 0;
}

int main(int argc, char **argv) {
  begin_host(argc, argv);
  report = (struct report *)mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (report == MAP_FAILED) abort();
  for (is_hosted = 0; is_hosted < 2; is_hosted++)
    for (int i = 0; i < FUNCTIONS; i++) {
      if (is_exempt(&functions[i])) continue;
      report->wrong = 0;
      fflush(stdout);
      pid_t pid = fork();
      if (pid == 0) _exit(child(&functions[i]));
      int code = exit_code_of(pid);
      if (!CHECK(code == 0)) printf("  exit code %d in %s\n", code, report->now);
    }
  CHECK(report->calls > 10000 && report->refused > report->calls / 4);
  counted("%d functions, %d calls with wrong arguments, of which %d were refused", FUNCTIONS, report->calls,
          report->refused);
  return finish();
}
