/* The config of a client: every wrong setting is refused by its pointer, in a sentence that says what is right. */
#include "check.h"

static void refused(t2i_status status, const char *place, const char *part, const char *config) {
  t2i_client out = 99;
  CHECK_REFUSED(status, place, t2i_client_open(config, T2I_NTS, NULL, &out, E));
  if (!CHECK(has(err.message, part))) printf("  \"%s\" lacks \"%s\"\n", err.message, part);
  CHECK(out == 99);
}

/* One setting beside the provider. */
static const char *with(const char *setting) { return text("{\"provider\":\"sketch\",%s}", setting); }

static void accepted(const char *setting) {
  t2i_client client = 0;
  t2i_client_opts options = T2I_CLIENT_OPTS_INIT;
  options.flags = T2I_OPEN_PUMPED;
  if (CHECK_OK(t2i_client_open(with(setting), T2I_NTS, &options, &client, &err))) close_client(client);
  else printf("  %s\n", setting);
}

static void textThatIsNoConfig(void) {
  refused(T2I_E_JSON, "config", "line 1", "{\"provider\":sketch}");
  refused(T2I_E_JSON, "config", "line 1", "sketch");
  refused(T2I_E_JSON, "config", "twice", "{\"provider\":\"sketch\",\"provider\":\"runway\"}");
  refused(T2I_E_UTF8, "config", "byte", "{\"name\":\"\xff\"}");
  refused(T2I_E_ARG, "config", "object", "[]");
  refused(T2I_E_ARG, "config", "object", "\"sketch\"");
}

/* Which provider a client has shows in its statistics: sketch has no key that a service could accept. */
static int is_runway(const char *config) {
  char *json = NULL;
  t2i_client client = 0;
  size_t length;
  if (!CHECK_OK(t2i_client_open(config, T2I_NTS, NULL, &client, &err))) return printf("  %s\n", config), 0;
  CHECK_OK(t2i_client_stats(client, &json, &length, &err));
  int found = has(json, "\"auth\":\"unknown\"");
  t2i_free(json);
  close_client(client);
  return found;
}

static void theProviderIsNeverChosenSilently(void) {
  unsetenv("RUNWAYML_API_SECRET");
  refused(T2I_E_ARG, "/provider", "\"sketch\"", "{}");
  CHECK(is_runway("{\"apiKey\":\"key_secret\"}"));
  CHECK(!is_runway("{\"provider\":\"sketch\",\"apiKey\":\"key_secret\"}"));
  refused(T2I_E_AUTH, "/apiKey", "RUNWAYML_API_SECRET", "{\"provider\":\"runway\"}");
  /* A name that is not built in is that of a provider which the host will add. */
  refused(T2I_E_ARG, "/provider", "a name of letters", "{\"provider\":\"dall e\"}");
  refused(T2I_E_ARG, "/provider", "a name of letters", "{\"provider\":\"a:b\"}");
  CHECK(!is_runway("{\"provider\":\"dalle\",\"journal\":null}"));
  refused(T2I_E_ARG, "/provider", "string", "{\"provider\":7}");
  refused(T2I_E_ARG, "/provider", "string", "{\"provider\":null}");
  refused(T2I_E_ARG, "/provider", "1 to 63", "{\"provider\":\"\"}");
  /* The environment has a key, unless the config says not to look. */
  setenv("RUNWAYML_API_SECRET", "key_of_the_environment", 1);
  CHECK(is_runway("{}"));
  CHECK(!is_runway("{\"provider\":\"sketch\"}"));
  refused(T2I_E_ARG, "/provider", "no key", "{\"environment\":false}");
  unsetenv("RUNWAYML_API_SECRET");
}

/* What would send a key or money where it should not go is refused when the client is opened. */
static void theHostedServiceIsCheckedAtOnce(void) {
  const struct {
    t2i_status status;
    const char *place, *part, *setting;
  } wrong[] = {
    {T2I_E_AUTH, "/apiKey", "printable", "\"apiKey\":\"key with a space\""},
    {T2I_E_AUTH, "/apiKey", "line break", "\"apiKey\":\"key\\nX-Injected: 1\""},
    {T2I_E_ARG, "/baseUrl", "https://", "\"baseUrl\":\"http://example.com\""},
    {T2I_E_ARG, "/baseUrl", "127.0.0.1", "\"baseUrl\":\"http://localhost:8080\""},
    {T2I_E_ARG, "/baseUrl", "user name", "\"baseUrl\":\"https://a:b@example.com\""},
    {T2I_E_ARG, "/baseUrl", "/v1", "\"baseUrl\":\"https://api.dev.runwayml.com/v1\""},
    {T2I_E_ARG, "/pollFloorMs", "5000", "\"pollFloorMs\":4999"},
    {T2I_E_ARG, "/proxy", "http://host:port", "\"proxy\":\"gopher://example.com\""},
    {T2I_E_IO, "/caFile", "does not exist", "\"caFile\":\"/nonexistent/ca.pem\""},
    {T2I_E_ARG, "/budget/scope", "journal", "\"journal\":null,\"budget\":{\"maxMillicredits\":5000,\"scope\":\"day\"}"},
    {T2I_E_JOURNAL, "/journal", "folder", "\"journal\":\"/\""},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    const char *key = strstr(wrong[i].setting, "apiKey") ? "" : "\"apiKey\":\"key_secret\",";
    refused(wrong[i].status, wrong[i].place, wrong[i].part,
            text("{\"provider\":\"runway\",%s%s}", key, wrong[i].setting));
    CHECK(!has(err.message, "key_secret") && !has(err.message, "Injected"));
  }
  CHECK(is_runway("{\"apiKey\":\"k\",\"baseUrl\":\"http://127.0.0.1:9\",\"pollFloorMs\":1}"));
  CHECK(is_runway("{\"apiKey\":\"k\",\"baseUrl\":\"https://example.com/proxy/\",\"proxy\":\"http://127.0.0.1:9\"}"));
}

/* A ceiling holds for what is known to cost more and for what nobody knows the price of. Nothing is sent. */
static void aSubmitMayHaveACeiling(void) {
  t2i_client client = 0;
  t2i_task out = 99;
  t2i_submit_opts options = T2I_SUBMIT_OPTS_INIT;
  const char *config = "{\"apiKey\":\"k\",\"baseUrl\":\"http://127.0.0.1:9\",\"pollFloorMs\":1}";
  CHECK_OK(t2i_client_open(config, T2I_NTS, NULL, &client, &err));
  options.max_millicredits = 4999;
  CHECK_REFUSED(T2I_E_BUDGET, "opts.max_millicredits",
                t2i_submit(client, "{\"promptText\":\"a fox\",\"ratio\":\"1280:720\"}", T2I_NTS, &options, &out, E));
  CHECK(has(err.message, "5000"));
  CHECK_REFUSED(T2I_E_BUDGET, "opts.max_millicredits",
                t2i_submit(client, "{\"promptText\":\"a fox\",\"model\":\"a_model_of_tomorrow\"}", T2I_NTS, &options, &out, E));
  CHECK(has(err.message, "not known"));
  CHECK_REFUSED(T2I_E_ARG, "/referenceImages/0/path",
                t2i_submit(client, "{\"promptText\":\"@fox\",\"referenceImages\":[{\"path\":\"a.png\",\"tag\":\"fox\"}]}",
                           T2I_NTS, NULL, &out, E));
  CHECK(out == 99);
  close_client(client);
}

static void settingsHaveTypesAndRanges(void) {
  const struct {
    const char *place, *right, *setting;
  } wrong[] = {
    {"/maxPixels", "an integer from 256 to 268435456", "\"maxPixels\":255"},
    {"/maxPixels", "an integer from 256 to 268435456", "\"maxPixels\":268435457"},
    {"/maxPixels", "an integer", "\"maxPixels\":\"1000\""},
    {"/maxPixels", "an integer", "\"maxPixels\":1000.0"},
    {"/paintThreads", "from 0 to 64", "\"paintThreads\":-1"},
    {"/paintThreads", "from 0 to 64", "\"paintThreads\":65"},
    {"/maxConcurrent", "from 1 to 1000000", "\"maxConcurrent\":0"},
    {"/maxSubmitting", "from 1 to 1000", "\"maxSubmitting\":9223372036854775807"},
    {"/localReferences", "true or false", "\"localReferences\":1"},
    {"/environment", "true or false", "\"environment\":\"no\""},
    {"/outputDir", "a string", "\"outputDir\":null"},
    {"/outputDir", "a string of 1 to 4096 bytes", "\"outputDir\":\"\""},
    {"/allowedReferenceHosts", "an array of strings", "\"allowedReferenceHosts\":\"example.com\""},
    {"/allowedReferenceHosts", "an array of strings", "\"allowedReferenceHosts\":[\"example.com\",7]"},
    {"/fetch", "\"eager\" or \"lazy\"", "\"fetch\":\"now\""},
    {"/pollFloorMs", "an integer", "\"pollFloorMs\":0"},
    {"/timeoutMs", "an integer", "\"timeoutMs\":\"1s\""},
    {"/logPrompts", "true or false", "\"logPrompts\":null"},
    {"/budget", "an object", "\"budget\":5"},
    {"/budget", "maxMillicredits", "\"budget\":{}"},
    {"/budget/scope", "\"client\", \"day\" or \"journal\"", "\"budget\":{\"scope\":\"week\"}"},
    {"/budget/mode", "\"hard\" or \"soft\"", "\"budget\":{\"mode\":1}"},
    {"/budget/assume/x", "integer", "\"budget\":{\"assume\":{\"x\":\"5\"}}"},
    {"/budget/most", "no such setting", "\"budget\":{\"most\":1}"},
    {"/apiKey", "a string", "\"apiKey\":5"},
    {"/outputdir", "outputDir", "\"outputdir\":\"/tmp\""},
    {"/simulate", "an object", "\"simulate\":true"},
    {"/simulate/latency", "latencyMs", "\"simulate\":{\"latency\":5}"},
    {"/simulate/latencyMs", "from 0 to 86400000", "\"simulate\":{\"latencyMs\":-1}"},
    {"/simulate/latencyMs", "from 0 to 86400000", "\"simulate\":{\"latencyMs\":86400001}"},
    {"/simulate/steps", "from 1 to 1000", "\"simulate\":{\"steps\":0}"},
    {"/simulate/failureCode", "a string", "\"simulate\":{\"failureCode\":null}"},
    {"/simulate/throttledMs", "from 0 to 86400000", "\"simulate\":{\"throttledMs\":86400001}"},
    {"/simulate/loseAnswer", "true or false", "\"simulate\":{\"loseAnswer\":1}"},
    {"/simulate/expireMs", "from 1 to 86400000", "\"simulate\":{\"expireMs\":0}"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    refused(T2I_E_ARG, wrong[i].place, wrong[i].right, with(wrong[i].setting));
  accepted("\"journal\":\"journal.sqlite\",\"budget\":{\"maxMillicredits\":0,\"scope\":\"journal\",\"mode\":\"soft\"}");
}

static void goodSettingsAreTaken(void) {
  accepted("\"maxPixels\":256,\"paintThreads\":0,\"maxConcurrent\":1,\"maxSubmitting\":1000");
  accepted("\"maxPixels\":268435456,\"paintThreads\":64,\"journal\":null,\"name\":\"a\",\"environment\":false");
  accepted("\"apiKey\":\"k\",\"baseUrl\":\"https://api.dev.runwayml.com\",\"fetch\":\"lazy\",\"outputUrls\":true");
  accepted("\"pollFloorMs\":5000,\"timeoutMs\":1,\"budget\":{\"maxMillicredits\":5},\"allowedOutputHosts\":[]");
  accepted("\"localReferences\":false,\"allowedReferenceHosts\":[\"*.example.com\"],\"simulate\":{}");
  accepted("\"simulate\":{\"latencyMs\":86400000,\"steps\":1000,\"failureCode\":\"INTERNAL\"}");
  accepted("\"simulate\":{\"throttledMs\":0,\"loseAnswer\":false,\"expireMs\":86400000}");
}

/* Settings that change what a request may say. */
static void settingsAreObeyed(void) {
  t2i_client client = open_client(with("\"maxPixels\":4096,\"localReferences\":false,"
                                       "\"allowedReferenceHosts\":[\"*.example.com\"]"), 0);
  t2i_task out = 99;
#define REQUEST(rest) "{\"promptText\":\"a fox\",\"ratio\":\"64:64\"," rest "}"
#define REFERENCE(rest) REQUEST("\"referenceImages\":[{" rest "}]")
#define REFUSED(place, request) CHECK_REFUSED(T2I_E_ARG, place, t2i_submit(client, request, T2I_NTS, NULL, &out, E))
  REFUSED("/ratio", "{\"promptText\":\"a fox\",\"ratio\":\"65:64\"}");
  CHECK(has(err.message, "maxPixels"));
  REFUSED("/referenceImages/0/path", REFERENCE("\"path\":\"/etc/passwd\""));
  REFUSED("/referenceImages/0/uri", REFERENCE("\"uri\":\"file:///etc/passwd\""));
  REFUSED("/referenceImages/0/uri", REFERENCE("\"uri\":\"https://evil-example.com/a\""));
  CHECK(out == 99);
  t2i_task task = submit(client, REFERENCE("\"uri\":\"https://a.example.com/a.png\""));
  CHECK(ended(client, task) == T2I_OK);
  close_client(client);
}

/* Not more at once than the config says: the third waits for a place. */
static void concurrencyHasALimit(void) {
  t2i_client client = open_client(with("\"maxConcurrent\":2,\"simulate\":{\"latencyMs\":600000}"), T2I_OPEN_PUMPED);
  t2i_task tasks[3];
  for (int i = 0; i < 3; i++) tasks[i] = submit(client, FOX);
  for (int i = 0; i < 10; i++) t2i_client_pump(client, 0, 0, NULL, &err);
  CHECK(state_of(client, tasks[0]) == T2I_S_PENDING && state_of(client, tasks[1]) == T2I_S_PENDING);
  CHECK(state_of(client, tasks[2]) == T2I_S_QUEUED);
  CHECK_OK(t2i_task_close(client, tasks[0]));
  for (int i = 0; i < 10; i++) t2i_client_pump(client, 0, 0, NULL, &err);
  CHECK(state_of(client, tasks[2]) == T2I_S_PENDING);
  close_client(client);
}

static void write_file(const char *path, const char *content) {
  FILE *file = fopen(path, "w");
  if (file == NULL) abort();
  fputs(content, file);
  fclose(file);
}

static void aCatalogueIsChecked(void) {
  refused(T2I_E_IO, "/catalogue", "does not exist", with("\"catalogue\":\"missing.json\""));
  CHECK(err.sys_code == ENOENT);
  refused(T2I_E_IO, "/catalogue", "cannot read", with("\"catalogue\":\".\""));
  write_file("prose.json", "the models are as follows");
  refused(T2I_E_JSON, "/catalogue", "line 1", with("\"catalogue\":\"prose.json\""));
  write_file("empty.json", "");
  refused(T2I_E_JSON, "/catalogue", "empty", with("\"catalogue\":\"empty.json\""));
  write_file("other.json", "{\"models\":7}");
  refused(T2I_E_JSON, "/catalogue", "/models must be an array", with("\"catalogue\":\"other.json\""));
  write_file("none.json", "{\"models\":[]}");
  refused(T2I_E_JSON, "/catalogue", "/models must not be empty", with("\"catalogue\":\"none.json\""));
  if (mkfifo("pipe.json", 0600) == 0) refused(T2I_E_JSON, "/catalogue", "", with("\"catalogue\":\"pipe.json\""));
  write_file("own.json", "{\"models\":[{\"id\":\"own\",\"ratio\":{\"values\":[\"64:64\"]}}]}");
  t2i_client client = open_client(with("\"catalogue\":\"own.json\""), 0);
  char *json = NULL;
  size_t length;
  CHECK_OK(t2i_models(client, &json, &length, &err));
  CHECK(has(json, "\"id\":\"own\"") && !has(json, "gen4_image"));
  t2i_free(json);
  t2i_task task = submit(client, "{\"promptText\":\"a fox\",\"model\":\"own\"}");
  CHECK(ended(client, task) == T2I_OK);
  close_client(client);
}

int main(void) {
  begin();
  textThatIsNoConfig();
  theProviderIsNeverChosenSilently();
  theHostedServiceIsCheckedAtOnce();
  aSubmitMayHaveACeiling();
  settingsHaveTypesAndRanges();
  goodSettingsAreTaken();
  settingsAreObeyed();
  concurrencyHasALimit();
  aCatalogueIsChecked();
  return finish();
}
