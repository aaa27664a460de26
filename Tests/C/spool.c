/* What a provider of the host's finds in a request: each picture on the web or in a file, and files of pictures that came
 * along as bytes, which only this user may read and which are gone when the job is. */
#include "check.h"

static unsigned char png[600];
static char req[8192], checked[8192];
static int starts;
static t2i_job job;
static uint32_t flags;

static t2i_status T2I_CALL look(void *self, const char *text, size_t len, int64_t *millicredits, t2i_error *error) {
  (void)self, (void)len, (void)millicredits, (void)error;
  snprintf(checked, sizeof checked, "%s", text);
  return T2I_OK;
}

static t2i_status T2I_CALL begin_job(void *self, t2i_job begun, const char *text, size_t len, t2i_error *error) {
  (void)self, (void)len, (void)error;
  snprintf(req, sizeof req, "%s", text);
  job = begun;
  add(&starts);
  return T2I_OK;
}

static t2i_client open_spooling(const char *config) {
  t2i_provider provider = T2I_PROVIDER_INIT;
  provider.name = "spooler", provider.check = look, provider.start = begin_job;
  t2i_client client = open_client(config, flags);
  must(t2i_provider_add(client, &provider, &err), "provider_add");
  return client;
}

static void reach(t2i_client client, int wanted) {
  for (int64_t end = now_ms() + slowly(5000); get(&starts) < wanted && now_ms() < end; rest_ms(1))
    if (flags && t2i_client_pump(client, 0, 0, NULL, &err) < 0) break;
  CHECK(get(&starts) == wanted);
}

/* The n-th "path" of the request as the provider got it. */
static const char *path_of(int number) {
  const char *found = req;
  for (int i = 0; i <= number && found; i++) found = strstr(found + 1, "\"path\":\"");
  return found ? text("%.*s", (int)strcspn(found + 8, "\""), found + 8) : "";
}

static int is_private_copy(const char *path, const void *bytes, size_t size) {
  struct stat status;
  char found[600];
  int file = open(path, O_RDONLY | O_CLOEXEC);
  int fits = file >= 0 && fstat(file, &status) == 0 && (status.st_mode & 0777) == 0600 &&
             read(file, found, sizeof found) == (ssize_t)size && memcmp(found, bytes, size) == 0;
  if (file >= 0) close(file);
  return fits;
}

/* As base64. */
static const char *inlined(const unsigned char *bytes, size_t size) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  static char room[2048];
  size_t count = 0;
  for (size_t i = 0; i < size; i += 3) {
    unsigned group = (unsigned)bytes[i] << 16 | (i + 1 < size ? bytes[i + 1] << 8u : 0) | (i + 2 < size ? bytes[i + 2] : 0);
    for (size_t digit = 0; digit < 4; digit++)
      room[count++] = i + digit <= size ? digits[group >> (18 - 6 * digit) & 63] : '=';
  }
  room[count] = 0;
  return room;
}

static t2i_task submit_all(t2i_client client, size_t size) {
  const void *blobs[] = {png};
  const size_t sizes[] = {size};
  t2i_submit_opts opts = T2I_SUBMIT_OPTS_INIT;
  t2i_task task = 0;
  opts.blob_data = blobs, opts.blob_len = sizes, opts.blob_count = 1;
  const char *request = text(
      "{\"promptText\":\"@one @two @tri\",\"model\":\"gen4_image\",\"referenceImages\":["
      "{\"path\":\"%s\",\"tag\":\"one\"},{\"uri\":\"blob:0\",\"tag\":\"two\"},"
      "{\"uri\":\"https://example.com/x.png\",\"tag\":\"tri\"}]}", "here.png");
  must(t2i_submit(client, request, T2I_NTS, &opts, &task, &err), "submit");
  return task;
}

static void picturesAreFilesUntilTheJobIsOver(int how) {
  t2i_client client = open_spooling("{\"provider\":\"spooler\",\"journal\":null}");
  starts = 0;
  t2i_task task = submit_all(client, 513);
  CHECK(has(checked, "\"uri\":\"blob:0\"") && has(checked, "\"path\":\"here.png\""));
  reach(client, 1);
  CHECK(has(req, "\"path\":\"here.png\",\"tag\":\"one\"") && has(req, "\"uri\":\"https://example.com/x.png\""));
  const char *path = path_of(1);
  CHECK(has(path, "spool/t2i-") && has(path, ".png") && is_private_copy(path, png, 513));
  if (how == 0) CHECK_OK(t2i_job_finish(job, T2I_E_FAILED, NULL, 0));
  if (how == 1) CHECK_OK(t2i_task_cancel(client, task, T2I_CANCEL_REMOTE, &err));
  if (how < 2) CHECK(ended(client, task) < 0);
  if (how == 2) close_client(client);
  CHECK(access(path, F_OK) != 0 && entries("spool") == 0);
  if (how < 2) close_client(client);
}

static void aDataURIIsAFileToo(void) {
  t2i_client client = open_spooling("{\"provider\":\"spooler\",\"journal\":null}");
  starts = 0;
  for (size_t size = 512; size < 516; size++) {
    submit(client, text("{\"promptText\":\"a fox\",\"referenceImages\":[{\"uri\":\"data:image/png;base64,%s\"}]}",
                        inlined(png, size)));
    reach(client, (int)(size - 511));
    CHECK(is_private_copy(path_of(0), png, size) && has(checked, "\"uri\":\"data:image/png;base64,"));
  }
  t2i_task task = submit(client, "{\"promptText\":\"a fox\",\"referenceImages\":[{\"uri\":\"data:image/png;base64,AAAA\"}]}");
  CHECK_STATUS(T2I_E_ARG, ended(client, task));
  CHECK(strcmp(err.where, "/referenceImages/0/uri") == 0);
  close_client(client);
  CHECK(entries("spool") == 0);
}

static void whatNobodyCanReadIsRefused(void) {
  t2i_client client = open_spooling("{\"provider\":\"spooler\",\"journal\":null,\"localReferences\":false}");
  t2i_task task = 0;
  char *uri = NULL;
  size_t length = 0;
  CHECK_REFUSED(T2I_E_ARG, "/referenceImages/0/uri",
                t2i_submit(client, "{\"promptText\":\"a fox\",\"referenceImages\":[{\"uri\":\"runway://abcdefghij\"}]}",
                           T2I_NTS, NULL, &task, E));
  CHECK_REFUSED(T2I_E_ARG, "/referenceImages/0/path",
                t2i_submit(client, "{\"promptText\":\"a fox\",\"referenceImages\":[{\"path\":\"here.png\"}]}", T2I_NTS,
                           NULL, &task, E));
  CHECK_REFUSED(T2I_E_UNSUPPORTED, "c",
                t2i_upload(client, "here.png", T2I_NTS, NULL, 0, slowly(5000), &uri, &length, E));
  close_client(client);
}

static void withoutAFolderItSaysSo(void) {
  setenv("TMPDIR", "nowhere", 1);
  t2i_client client = open_spooling("{\"provider\":\"spooler\",\"journal\":null}");
  setenv("TMPDIR", "spool", 1);
  CHECK_STATUS(T2I_E_IO, ended(client, submit_all(client, 513)));
  CHECK(has(err.message, "TMPDIR") && strcmp(err.where, "/referenceImages") == 0);
  close_client(client);
}

int main(void) {
  begin();
  make_picture(png, sizeof png, 11);
  for (size_t i = 33; i < sizeof png; i++) png[i] = (unsigned char)(i * 7);
  int file = open("here.png", O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644);
  CHECK(write(file, png, sizeof png) == (ssize_t)sizeof png && close(file) == 0 && mkdir("spool", 0700) == 0);
  setenv("TMPDIR", "spool", 1);
  for (flags = 0; flags <= T2I_OPEN_PUMPED; flags++) {
    for (int how = 0; how < 3; how++) picturesAreFilesUntilTheJobIsOver(how);
    aDataURIIsAFileToo();
    whatNobodyCanReadIsRefused();
    withoutAFolderItSaysSo();
  }
  return finish();
}
