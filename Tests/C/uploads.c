/* Pictures that a host brings along: t2i_upload's arguments, what it gives, and references of files and blobs. With sketch,
 * so that nothing leaves this machine; what goes over the wire is Tests/service. */
#include "check.h"

enum { SIZE = 700 };

static void write_file(const char *path, const void *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  CHECK(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

static char *uri_of(t2i_client client, const char *name, const void *data, size_t size) {
  char *uri = NULL;
  size_t length = 0;
  CHECK_OK(t2i_upload(client, name, T2I_NTS, data, size, T2I_FOREVER, &uri, &length, &err));
  CHECK(uri && strlen(uri) == length && strncmp(uri, "runway://", 9) == 0);
  return uri;
}

static void anUploadGivesTheSameURIForTheSameBytes(t2i_client client) {
  unsigned char bytes[SIZE];
  make_picture(bytes, SIZE, 1);
  write_file("style.png", bytes, SIZE);
  char *file = uri_of(client, "style.png", NULL, 0), *data = uri_of(client, "other.png", bytes, SIZE);
  CHECK(strcmp(file, data) == 0);
  bytes[SIZE - 1] = 2;
  char *other = uri_of(client, "style.png", bytes, SIZE);
  CHECK(strcmp(file, other) != 0);
  t2i_free(file), t2i_free(data), t2i_free(other);
}

static void anUploadRefusesWrongArguments(t2i_client client) {
  unsigned char bytes[SIZE];
  char *uri = NULL;
  size_t length = 7;
  make_picture(bytes, SIZE, 1);
#define UPLOAD(name, size, data, data_size, ms, out, out_size) t2i_upload(client, name, size, data, data_size, ms, out, out_size, E)
  CHECK_REFUSED(T2I_E_HANDLE, "c", t2i_upload(0, "a.png", T2I_NTS, NULL, 0, 0, &uri, &length, E));
  CHECK_REFUSED(T2I_E_ARG, "name", UPLOAD(NULL, T2I_NTS, NULL, 0, 0, &uri, &length));
  CHECK_REFUSED(T2I_E_ARG, "name", UPLOAD("", T2I_NTS, NULL, 0, 0, &uri, &length));
  CHECK_REFUSED(T2I_E_UTF8, "name", UPLOAD("a\xff", T2I_NTS, NULL, 0, 0, &uri, &length));
  CHECK_REFUSED(T2I_E_LIMIT, "name", UPLOAD("a", (size_t)-2, NULL, 0, 0, &uri, &length));
  CHECK_REFUSED(T2I_E_LIMIT, "data_len", UPLOAD("a.png", T2I_NTS, bytes, (size_t)-2, 0, &uri, &length));
  CHECK_REFUSED(T2I_E_ARG, "timeout_ms", UPLOAD("a.png", T2I_NTS, bytes, SIZE, -1, &uri, &length));
  CHECK_REFUSED(T2I_E_ARG, "uri", UPLOAD("a.png", T2I_NTS, bytes, SIZE, 0, NULL, &length));
  CHECK_REFUSED(T2I_E_ARG, "uri_len", UPLOAD("a.png", T2I_NTS, bytes, SIZE, 0, &uri, NULL));
  CHECK_REFUSED(T2I_E_ARG, "data", UPLOAD("a.png", T2I_NTS, bytes, 511, 0, &uri, &length));
  CHECK_REFUSED(T2I_E_ARG, "data", UPLOAD("a.png", T2I_NTS, bytes, 0, 0, &uri, &length));
  CHECK_REFUSED(T2I_E_IO, "name", UPLOAD("none.png", T2I_NTS, NULL, 0, 0, &uri, &length));
  CHECK(has(err.message, "none.png does not exist") && err.sys_code != 0);
  CHECK_REFUSED(T2I_E_ARG, "name", UPLOAD(".", T2I_NTS, NULL, 0, 0, &uri, &length));
  memcpy(bytes, "GIF89a", 6);
  CHECK_REFUSED(T2I_E_ARG, "data", UPLOAD("a.gif", T2I_NTS, bytes, SIZE, 0, &uri, &length));
  CHECK(uri == NULL && length == 7);
}

static void aReferenceIsAFileOrABlob(t2i_client client) {
  unsigned char bytes[SIZE];
  t2i_submit_opts opts = T2I_SUBMIT_OPTS_INIT;
  t2i_task task = 0;
  make_picture(bytes, SIZE, 3);
  const void *data[] = {bytes};
  size_t lengths[] = {SIZE};
  opts.blob_data = data, opts.blob_len = lengths, opts.blob_count = 1;
#define ASK(error, reference) t2i_submit(client, "{\"promptText\":\"a fox\",\"ratio\":\"64:64\",\"referenceImages\":[{" reference "}]}", \
                                  T2I_NTS, &opts, &task, error)
  CHECK_OK(ASK(&err, "\"uri\":\"blob:0\""));
  CHECK_OK(ASK(&err, "\"path\":\"style.png\",\"inline\":true"));
  CHECK_REFUSED(T2I_E_ARG, "/referenceImages/0/uri", ASK(E, "\"uri\":\"https://a.example/x.png\",\"inline\":true"));
  CHECK_REFUSED(T2I_E_ARG, "/referenceImages/0/inline", ASK(E, "\"path\":\"style.png\",\"inline\":1"));
  CHECK_REFUSED(T2I_E_ARG, "/referenceImages/0/path", ASK(E, "\"path\":\"none.png\""));
  bytes[0] = 'x';
  CHECK_REFUSED(T2I_E_ARG, "/referenceImages/0/uri", ASK(E, "\"uri\":\"blob:0\""));
  CHECK(has(err.message, "blob:0"));
}

int main(void) {
  begin();
  for (uint32_t flags = 0; flags <= T2I_OPEN_PUMPED; flags++) {
    t2i_client client = open_client("{\"provider\":\"sketch\"}", flags);
    anUploadGivesTheSameURIForTheSameBytes(client);
    anUploadRefusesWrongArguments(client);
    aReferenceIsAFileOrABlob(client);
    close_client(client);
  }
  return finish();
}
