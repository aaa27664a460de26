/* Requests and configs as text: what is refused, with which words, and that t2i_check finds everything at once. */
#include "check.h"

static t2i_client client;

/* A request that submit refuses, naming the place, and that check reports with the same place. */
static void refused(t2i_status status, const char *place, const char *part, const char *request) {
  t2i_task out = 99;
  char *report = NULL;
  size_t length = 0;
  CHECK_REFUSED(status, place, t2i_submit(client, request, T2I_NTS, NULL, &out, E));
  if (!CHECK(has(err.message, part))) printf("  \"%s\" lacks \"%s\"\n", err.message, part);
  CHECK(out == 99);
  if (status != T2I_E_ARG) {
    CHECK_REFUSED(status, place, t2i_check(client, request, T2I_NTS, &report, &length, E));
    return;
  }
  CHECK_OK(t2i_check(client, request, T2I_NTS, &report, &length, &err));
  CHECK(has(report, "\"ok\":false") && !has(report, "\"request\":") && strlen(report) == length);
  if (!CHECK(has(report, text("{\"where\":\"%s\",\"message\":\"", place)))) printf("  %s\n", report);
  t2i_free(report);
}

/* What check says of a request, until the next call. */
static const char *report_of(const char *request) {
  static char *report;
  size_t length;
  t2i_free(report);
  report = NULL;
  CHECK_OK(t2i_check(client, request, T2I_NTS, &report, &length, &err));
  return report ? report : "";
}

static void accepted(const char *request) {
  t2i_task task = 0;
  if (!CHECK(has(report_of(request), "\"ok\":true"))) printf("  %s\n  %s\n", request, report_of(request));
  if (CHECK_OK(t2i_submit(client, request, T2I_NTS, NULL, &task, &err))) CHECK_OK(t2i_task_close(client, task));
}

/* ---- text ---- */

static void textThatIsNoDocument(void) {
  char nul[] = "{\"promptText\":\"a\0b\"}";
  t2i_task out = 99;
  refused(T2I_E_UTF8, "req", "byte 15", "{\"promptText\":\"\xff\"}");
  refused(T2I_E_UTF8, "req", "byte 15", "{\"promptText\":\"\xc0\xaf\"}");
  refused(T2I_E_UTF8, "req", "byte 15", "{\"promptText\":\"\xed\xa0\x80\"}");
  refused(T2I_E_UTF8, "req", "byte 15", "{\"promptText\":\"\xf0\x9f\xa6");
  refused(T2I_E_JSON, "req", "byte order mark", "\xef\xbb\xbf{\"promptText\":\"a fox\"}");
  CHECK_REFUSED(T2I_E_UTF8, "req", t2i_submit(client, "\xff\xfe{\0", 4, NULL, &out, E));
  CHECK_REFUSED(T2I_E_JSON, "req", t2i_submit(client, nul, sizeof nul - 1, NULL, &out, E));
  CHECK(has(err.message, "NUL") && has(err.message, "column 17"));
  /* The terminator counted by mistake. */
  CHECK_REFUSED(T2I_E_JSON, "req", t2i_submit(client, FOX, strlen(FOX) + 1, NULL, &out, E));
  refused(T2I_E_JSON, "req", "\\u0000", "{\"promptText\":\"\\u0000\"}");
  refused(T2I_E_JSON, "req", "surrogate", "{\"promptText\":\"\\ud83e\"}");
  refused(T2I_E_JSON, "req", "surrogate", "{\"promptText\":\"\\udd8a\"}");
  refused(T2I_E_JSON, "req", "twice", "{\"promptText\":\"a\",\"seed\":1,\"promptText\":\"b\"}");
  refused(T2I_E_JSON, "req", "twice", "{\"promptText\":\"a\",\"extra\":{\"x\":1,\"x\":2}}");
  refused(T2I_E_JSON, "req", "line 1, column", FOX " and more");
  refused(T2I_E_JSON, "req", "line 1, column", FOX FOX);
  refused(T2I_E_JSON, "req", "too early", "{\"promptText\":");
  refused(T2I_E_JSON, "req", "line 2", "{\"promptText\":\n'a fox'}");
  refused(T2I_E_JSON, "req", "empty", "  \n ");
  refused(T2I_E_JSON, "req", "", "{\"promptText\":\"a fox\",}");
  refused(T2I_E_JSON, "req", "too large", "{\"promptText\":\"a fox\",\"seed\":9223372036854775808}");
  refused(T2I_E_JSON, "req", "", "{\"promptText\":\"a fox\",\"seed\":1e999}");
  CHECK(out == 99);
}

/* {"promptText":"a","extra":{"x":[[[...]]]}} of so many levels. */
static char *nested(int levels) {
  char *request = (char *)malloc(4096), *end = request;
  end += sprintf(end, "{\"promptText\":\"a\",\"extra\":{\"x\":");
  for (int i = 2; i < levels; i++) *end++ = '[';
  for (int i = 2; i < levels; i++) *end++ = ']';
  strcpy(end, "}}");
  return request;
}

static void documentsHaveLimits(void) {
  const size_t size = 17 << 20;
  char *large = (char *)malloc(size + 1), *deep = nested(64);
  accepted(deep);
  free(deep);
  deep = nested(65);
  refused(T2I_E_LIMIT, "req", "64 levels", deep);
  free(deep);
  memset(large, ' ', size);
  memcpy(large, FOX, strlen(FOX));
  large[16 << 20] = 0;
  accepted(large);
  large[16 << 20] = ' ';
  large[size] = 0;
  refused(T2I_E_LIMIT, "req", "16777216", large);
  /* A million and one values in 2 MiB. */
  memcpy(large, "{\"extra\":{\"x\":[", 15);
  for (size_t i = 15; i < 2100000; i += 2) large[i] = '0', large[i + 1] = ',';
  large[2100000] = 0;
  refused(T2I_E_LIMIT, "req", "values", large);
  free(large);
}

static void theRootIsAnObject(void) {
  const char *roots[] = {"[]", "\"a fox\"", "7", "7.5", "true", "null", "[{\"promptText\":\"a fox\"}]"};
  for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) refused(T2I_E_ARG, "", "must be an object", roots[i]);
  refused(T2I_E_ARG, "/promptText", "is missing", "{}");
}

/* ---- what is asked for ---- */

/* A request whose prompt is one letter, so many times. */
static char *prompt_of(const char *letter, int count, const char *rest) {
  char *request = (char *)malloc(strlen(letter) * (size_t)count + 256), *end = request;
  end += sprintf(end, "{\"ratio\":\"64:64\"%s,\"promptText\":\"", rest);
  while (count-- > 0) end += sprintf(end, "%s", letter);
  strcpy(end, "\"}");
  return request;
}

static void aPromptIsCountedInUTF16(const char *letter, int fits, const char *rest, const char *said) {
  char *request = prompt_of(letter, fits, rest);
  accepted(request);
  free(request);
  request = prompt_of(letter, fits + 1, rest);
  refused(T2I_E_ARG, "/promptText", said, request);
  CHECK(has(report_of(request), "\"allowed\":{\"min\":1,\"max\":"));
  free(request);
}

static void prompts(void) {
  refused(T2I_E_ARG, "/promptText", "is empty", "{\"promptText\":\"\"}");
  refused(T2I_E_ARG, "/promptText", "is empty", "{\"promptText\":\" \\n\\u00a0\"}");
  refused(T2I_E_ARG, "/promptText", "null", "{\"promptText\":null}");
  refused(T2I_E_ARG, "/promptText", "string", "{\"promptText\":[\"a fox\"]}");
  aPromptIsCountedInUTF16("a", 1000, "", "1001 UTF-16 units, at most 1000 for gen4_image");
  aPromptIsCountedInUTF16("\xc3\xa9", 1000, "", "1001 UTF-16 units");
  aPromptIsCountedInUTF16("\xf0\x9f\xa6\x8a", 500, "", "1002 UTF-16 units");
  aPromptIsCountedInUTF16("\\ud83e\\udd8a", 500, "", "1002 UTF-16 units");
  aPromptIsCountedInUTF16("a", 32000, ",\"model\":\"gpt_image_2\"", "at most 32000 for gpt_image_2");
}

static void models(void) {
  const char *report = report_of("{\"promptText\":\"a fox\",\"model\":\"gen4_imagine\",\"ratio\":\"64:64\"}");
  CHECK(has(report, "\"ok\":true") && has(report, "\"where\":\"/model\""));
  CHECK(has(report, "\"nearest\":\"gen4_image\""));
  CHECK(has(report, "\"listPrice\":{\"certainty\":\"unknown\"}"));
  CHECK(has(report, "\"price\":{\"millicredits\":0,\"certainty\":\"known\"}"));
  report = report_of("{\"promptText\":\"a fox\"}");
  CHECK(has(report, "\"model\":\"gen4_image\"") && has(report, "\"ratio\":\"1280:720\""));
  CHECK(has(report, "\"warnings\":[]"));
  refused(T2I_E_ARG, "/model", "string", "{\"promptText\":\"a fox\",\"model\":7}");
  refused(T2I_E_ARG, "/model", "1 to 64", "{\"promptText\":\"a fox\",\"model\":\"\"}");
  refused(T2I_E_ARG, "/referenceImages", "gen4_image works", "{\"promptText\":\"a fox\",\"model\":\"gen4_image_turbo\"}");
}

static void ratios(void) {
  refused(T2I_E_ARG, "/ratio", "1280:720", "{\"promptText\":\"a fox\",\"ratio\":\"16:9\"}");
  CHECK(has(report_of("{\"promptText\":\"a fox\",\"ratio\":\"16:9\"}"), "\"nearest\":\"1280:720\""));
  refused(T2I_E_ARG, "/ratio", "1280:720", "{\"promptText\":\"a fox\",\"ratio\":\"1280x720\"}");
  CHECK(has(report_of("{\"promptText\":\"a fox\",\"ratio\":\"1280x720\"}"), "\"allowed\":[\"1024:1024\""));
  refused(T2I_E_ARG, "/ratio", "string", "{\"promptText\":\"a fox\",\"ratio\":1.5}");
  refused(T2I_E_ARG, "/ratio", "16:16", "{\"promptText\":\"a fox\",\"ratio\":\"15:16\"}");
  refused(T2I_E_ARG, "/ratio", "maxPixels", "{\"promptText\":\"a fox\",\"ratio\":\"65536:65536\"}");
  refused(T2I_E_ARG, "/ratio", "", "{\"promptText\":\"a fox\",\"ratio\":\"9223372036854775807:9223372036854775807\"}");
  refused(T2I_E_ARG, "/ratio", "", "{\"promptText\":\"a fox\",\"ratio\":\"-64:-64\"}");
  refused(T2I_E_ARG, "/ratio", "", "{\"promptText\":\"a fox\",\"ratio\":\"0:0\"}");
  accepted("{\"promptText\":\"a fox\",\"ratio\":\"16:16\"}");
  accepted("{\"promptText\":\"a fox\",\"ratio\":\"17:1001\"}");
}

static void unknownKeysAndSettings(void) {
  refused(T2I_E_ARG, "/prompt_text", "promptText", "{\"promptText\":\"a fox\",\"prompt_text\":\"a fox\"}");
  CHECK(has(report_of("{\"promptText\":\"a\",\"prompt_text\":\"a\"}"), "\"nearest\":\"promptText\""));
  refused(T2I_E_ARG, "/qwertz", "extra", "{\"promptText\":\"a fox\",\"qwertz\":1}");
  refused(T2I_E_ARG, "/a~1b~0c", "", "{\"promptText\":\"a fox\",\"a/b~c\":1}");
  refused(T2I_E_ARG, "/seed", "4294967295", "{\"promptText\":\"a fox\",\"seed\":4294967296}");
  refused(T2I_E_ARG, "/seed", "", "{\"promptText\":\"a fox\",\"seed\":-1}");
  refused(T2I_E_ARG, "/seed", "", "{\"promptText\":\"a fox\",\"seed\":1.0}");
  refused(T2I_E_ARG, "/extra", "object", "{\"promptText\":\"a fox\",\"extra\":1}");
  accepted("{\"promptText\":\"a fox\",\"ratio\":\"64:64\",\"seed\":4294967295,\"extra\":{\"anything\":[null,1.5]}}");
}

/* ---- references ---- */

static const char *tagged(const char *tag) {
  return text("{\"promptText\":\"a fox\",\"ratio\":\"64:64\",\"referenceImages\":[{\"uri\":\"https://example.com/a.png\","
              "\"tag\":\"%s\"}]}",
              tag);
}

static void references(void) {
  const char *here = "/referenceImages/0/tag";
  refused(T2I_E_ARG, here, "3 to 16", tagged("ab"));
  refused(T2I_E_ARG, here, "3 to 16", tagged("a2345678901234567"));
  refused(T2I_E_ARG, here, "3 to 16", tagged("1bc"));
  refused(T2I_E_ARG, here, "3 to 16", tagged("f\xc3\xbc" "r"));
  accepted(tagged("abc"));
  accepted(tagged("a234567890123456"));
  CHECK(has(report_of(tagged("abc")), "does not mention @abc"));
  CHECK(has(report_of(tagged("Abc")), "\"nearest\":\"abc\""));
  refused(T2I_E_ARG, "/promptText", "@cat", "{\"promptText\":\"a fox and @cat\"}");
  refused(T2I_E_ARG, "/referenceImages", "array", "{\"promptText\":\"a fox\",\"referenceImages\":{}}");
  refused(T2I_E_ARG, "/referenceImages/0", "uri", "{\"promptText\":\"a fox\",\"referenceImages\":[{}]}");
  refused(T2I_E_ARG, "/referenceImages/0/uri", "https",
          "{\"promptText\":\"a fox\",\"referenceImages\":[{\"uri\":\"http://example.com/a.png\"}]}");
  refused(T2I_E_ARG, "/referenceImages/0/uri", "address",
          "{\"promptText\":\"a fox\",\"referenceImages\":[{\"uri\":\"https://169.254.169.254/a\"}]}");
}

/* A blob exists when it comes along with the request. */
static void blobs(void) {
  const char *request = "{\"promptText\":\"a fox\",\"ratio\":\"64:64\",\"referenceImages\":[{\"uri\":\"blob:1\"}]}";
  unsigned char picture[600];
  const void *data[2] = {"\x89PNG", picture};
  const size_t lengths[2] = {4, sizeof picture};
  t2i_submit_opts opts = T2I_SUBMIT_OPTS_INIT;
  t2i_task task = 99;
  make_picture(picture, sizeof picture, 1);
  CHECK_REFUSED(T2I_E_ARG, "/referenceImages/0/uri", t2i_submit(client, request, T2I_NTS, &opts, &task, E));
  opts.blob_data = data, opts.blob_len = lengths, opts.blob_count = 1;
  CHECK_REFUSED(T2I_E_ARG, "/referenceImages/0/uri", t2i_submit(client, request, T2I_NTS, &opts, &task, E));
  CHECK(has(err.message, "blob:1"));
  opts.blob_count = 2;
  CHECK_OK(t2i_submit(client, request, T2I_NTS, &opts, &task, &err));
  CHECK_OK(t2i_task_close(client, task));
}

static void checkFindsEverythingAtOnce(void) {
  const char *report = report_of("{\"promptText\":\"\",\"ratio\":\"16:9\",\"seed\":-1,\"sed\":1,\"referenceImages\":[7]}");
  const char *places[] = {"/promptText", "/ratio", "/seed", "/sed", "/referenceImages/0"};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    CHECK(has(report, text("{\"where\":\"%s\",\"message\":\"", places[i])));
  CHECK(has(report, "\"ok\":false") && has(report, "\"nearest\":\"seed\""));
  t2i_task out = 99;
  CHECK_REFUSED(T2I_E_ARG, "/promptText", t2i_submit(client, "{\"promptText\":\"\",\"sed\":1}", T2I_NTS, NULL, &out, E));
  CHECK(has(err.message, "1 other error") && has(err.message, "t2i_check"));
}

static void theMenuOfModels(void) {
  char *json = NULL;
  size_t length = 0;
  for (int i = 0; i < 2; i++) {
    CHECK_OK(t2i_models(i == 0 ? 0 : client, &json, &length, &err));
    CHECK(length == strlen(json) && json[0] == '[' && has(json, "\"id\":\"gen4_image\""));
    CHECK(has(json, "\"prompt\":{\"max\":1000,\"unit\":") && has(json, "\"1280:720\"") && has(json, "\"parameters\":{"));
    t2i_free(json);
  }
}

int main(void) {
  size_t count = 99;
  begin();
  client = open_client(SLOW_SKETCH, 0);
  textThatIsNoDocument();
  documentsHaveLimits();
  theRootIsAnObject();
  prompts();
  models();
  ratios();
  unknownKeysAndSettings();
  references();
  blobs();
  checkFindsEverythingAtOnce();
  theMenuOfModels();
  CHECK_OK(t2i_task_list(client, NULL, 0, &count, &err));
  CHECK(count == 0);
  report_of(FOX);
  close_client(client);
  return finish();
}
