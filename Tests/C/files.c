/* Pictures on disk and in memory: whole under their name or not there at all, and nothing of the host's replaced
 * unless it asked. */
#include "check.h"

static t2i_client client;
static t2i_task task;
static void *picture;
static size_t picture_size;

static t2i_status save(const char *path, uint32_t flags) {
  return t2i_output_save(client, task, 0, path, T2I_NTS, flags, 0, &err);
}

/* Whether the file under a path is the picture, byte for byte. */
static int holds_the_picture(const char *path) {
  FILE *file = fopen(path, "rb");
  char *bytes = (char *)malloc(picture_size + 1);
  size_t size = file ? fread(bytes, 1, picture_size + 1, file) : SIZE_MAX;
  int same = size == picture_size && memcmp(bytes, picture, size) == 0;
  if (file) fclose(file);
  free(bytes);
  return same;
}

static int holds_a_word(const char *path) {
  char word[8] = "";
  FILE *file = fopen(path, "r");
  if (file == NULL) return 0;
  size_t size = fread(word, 1, sizeof word, file);
  fclose(file);
  return size == 4 && memcmp(word, "mine", 4) == 0;
}

static void put_a_word(const char *path) {
  FILE *file = fopen(path, "w");
  if (file == NULL || fputs("mine", file) < 0 || fclose(file) != 0) abort();
}

static void thePictureIsAPNGOfTheSizeAskedFor(void) {
  const unsigned char begin[16] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
  t2i_output_info info = T2I_OUTPUT_INFO_INIT;
  CHECK_OK(t2i_output_read(client, task, 0, 0, &picture, &picture_size, &err));
  CHECK(picture != NULL);
  CHECK_OK(t2i_output_get(client, task, 0, &info, &err));
  CHECK(info.bytes_total == picture_size);
  if (picture_size == 0) {
    skipped("no pixels in this build: the picture has 0 bytes");
    return;
  }
  const unsigned char *bytes = (const unsigned char *)picture;
  CHECK(picture_size > 64 && memcmp(bytes, begin, sizeof begin) == 0);
  CHECK(bytes[18] == 0 && bytes[19] == 96 && bytes[22] == 0 && bytes[23] == 64);
  CHECK(memcmp(bytes + picture_size - 8, "IEND", 4) == 0);
}

static void theSameRequestGivesTheSamePicture(void) {
  t2i_task again = submit(client, "{\"promptText\":\"a harbour at night\",\"ratio\":\"96:64\",\"seed\":3}");
  t2i_task other = submit(client, "{\"promptText\":\"a harbour at night\",\"ratio\":\"96:64\",\"seed\":4}");
  void *bytes = NULL;
  size_t size = 0;
  CHECK_OK(t2i_output_read(client, again, 0, slowly(20000), &bytes, &size, &err));
  CHECK(size == picture_size && memcmp(bytes, picture, size) == 0);
  t2i_free(bytes);
  CHECK_OK(t2i_output_read(client, other, 0, slowly(20000), &bytes, &size, &err));
  if (size > 0) CHECK(size != picture_size || memcmp(bytes, picture, size) != 0);
  t2i_free(bytes);
  CHECK_OK(t2i_task_close(client, again));
  CHECK_OK(t2i_task_close(client, other));
}

static void aFileIsReplacedOnlyIfAsked(void) {
  CHECK_OK(save("new.png", 0));
  CHECK(holds_the_picture("new.png"));
  put_a_word("taken.png");
  CHECK_STATUS(T2I_E_EXISTS, save("taken.png", 0));
  CHECK(has(err.message, "T2I_SAVE_REPLACE") && strcmp(err.where, "path") == 0 && holds_a_word("taken.png"));
  CHECK_OK(save("taken.png", T2I_SAVE_REPLACE));
  CHECK(holds_the_picture("taken.png"));
  CHECK_OK(save("quick.png", T2I_SAVE_NOSYNC));
  CHECK_OK(save("quick.png", T2I_SAVE_NOSYNC | T2I_SAVE_REPLACE));
  CHECK(holds_the_picture("quick.png"));
  /* A length instead of a NUL. */
  CHECK_OK(t2i_output_save(client, task, 0, "counted.pngandmore", 11, 0, 0, &err));
  CHECK(holds_the_picture("counted.png"));
}

static void theUmaskIsTheHosts(void) {
  struct stat file;
  mode_t before = umask(027);
  CHECK_OK(save("masked.png", 0));
  CHECK(umask(before) == 027);
  CHECK(stat("masked.png", &file) == 0 && (file.st_mode & 0777) == 0640);
}

/* Whatever is no regular file stays as it is, replacing or not. */
static void onlyRegularFilesAreReplaced(void) {
  struct stat entry;
  mkdir("folder.png", 0755);
  mkfifo("pipe.png", 0600);
  put_a_word("target.png");
  CHECK(symlink("target.png", "link.png") == 0 && symlink("nowhere.png", "dangling.png") == 0);
  const char *taken[] = {"folder.png", "pipe.png", "link.png", "dangling.png", "/dev/null"};
  for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
    for (uint32_t flags = 0; flags <= (T2I_SAVE_REPLACE | T2I_SAVE_NOSYNC); flags++)
      CHECK_STATUS(T2I_E_EXISTS, save(taken[i], flags));
  CHECK(lstat("folder.png", &entry) == 0 && S_ISDIR(entry.st_mode));
  CHECK(lstat("pipe.png", &entry) == 0 && S_ISFIFO(entry.st_mode));
  CHECK(lstat("link.png", &entry) == 0 && S_ISLNK(entry.st_mode) && holds_a_word("target.png"));
  CHECK(lstat("nowhere.png", &entry) != 0);
  CHECK(stat("/dev/null", &entry) == 0 && S_ISCHR(entry.st_mode));
}

static void foldersMustBeThere(void) {
  CHECK_STATUS(T2I_E_IO, save("missing/a.png", 0));
  CHECK(err.sys_code == ENOENT && has(err.message, "missing"));
  CHECK_STATUS(T2I_E_IO, save("new.png/a.png", 0));
  CHECK(err.sys_code == ENOTDIR);
  CHECK_STATUS(T2I_E_ARG, save("folder.png/", 0));
  CHECK_STATUS(T2I_E_ARG, save(".", 0));
  CHECK_STATUS(T2I_E_ARG, save("/", T2I_SAVE_REPLACE));
  char name[300];
  memset(name, 'n', sizeof name);
  name[299] = 0;
  CHECK_STATUS(T2I_E_LIMIT, save(name, 0));
  CHECK_OK(save(text("./%s.png", "\xc3\xa9t\xc3\xa9 (1)"), 0));
}

static void noPermissionIsSaidSo(void) {
  mkdir("locked", 0755);
  put_a_word("locked/taken.png");
  chmod("locked", 0555);
  if (geteuid() == 0 && seteuid(65534) != 0) {
    skipped("no permission to refuse: this user may write anywhere");
    return;
  }
  CHECK_STATUS(T2I_E_IO, save("locked/a.png", 0));
  CHECK(err.sys_code == EACCES && has(err.message, "permission"));
  CHECK_STATUS(T2I_E_IO, save("locked/taken.png", T2I_SAVE_REPLACE));
  if (getuid() == 0 && seteuid(0) != 0) abort();
  CHECK(holds_a_word("locked/taken.png") && access("locked/a.png", F_OK) != 0);
  if (access("/proc/version", F_OK) != 0) {
    skipped("no /proc to be refused by");
    return;
  }
  CHECK_STATUS(T2I_E_IO, save("/proc/t2i.png", 0));
}

static void whatFailsLeavesNothing(void) {
  struct rlimit before, none;
  if (picture_size == 0) {
    skipped("a picture of 0 bytes fits on every disk");
    return;
  }
  getrlimit(RLIMIT_FSIZE, &before);
  none = before;
  none.rlim_cur = 10;
  setrlimit(RLIMIT_FSIZE, &none);
  t2i_status status = save("large.png", 0);
  setrlimit(RLIMIT_FSIZE, &before);
  CHECK_STATUS(T2I_E_LIMIT, status);
  CHECK(access("large.png", F_OK) != 0);
}

static void noTemporaryFileRemains(void) {
  int hidden = 0;
  DIR *folder = opendir(".");
  if (folder == NULL) abort();
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) hidden += has(entry->d_name, ".part");
  closedir(folder);
  CHECK(hidden == 0);
}

/* ---- outputDir ---- */

static void picturesAreKeptInTheClientsFolder(void) {
  mkdir("kept", 0755);
  t2i_client keeper = open_client("{\"provider\":\"sketch\",\"outputDir\":\"kept\"}", 0);
  void *bytes = NULL;
  char *json = NULL;
  size_t size = 0;
  for (int i = 0; i < 3; i++) {
    t2i_task kept = submit(keeper, "{\"promptText\":\"a harbour at night\",\"ratio\":\"96:64\",\"seed\":3}");
    CHECK(ended(keeper, kept) == T2I_OK);
    CHECK_OK(t2i_output_read(keeper, kept, 0, 0, &bytes, &size, &err));
    CHECK(size == picture_size && memcmp(bytes, picture, size) == 0);
    t2i_free(bytes);
    CHECK_OK(t2i_task_json(keeper, kept, &json, &size, &err));
    CHECK(has(json, "\"path\":\"kept/t2i-"));
    t2i_free(json);
    CHECK_OK(t2i_output_save(keeper, kept, 0, "copy.png", T2I_NTS, T2I_SAVE_REPLACE, 0, &err));
    CHECK(holds_the_picture("copy.png"));
  }
  /* The same picture three times has three names. */
  CHECK(entries("kept") == 3);
  close_client(keeper);
  CHECK(entries("kept") == 3);
}

static void aFolderThatIsNotThereIsSaidAtOnce(void) {
  t2i_client keeper = 0;
  CHECK_STATUS(T2I_E_IO, t2i_client_open("{\"provider\":\"sketch\",\"outputDir\":\"not/there\"}", T2I_NTS, NULL,
                                         &keeper, &err));
  CHECK(strcmp(err.where, "/outputDir") == 0 && has(err.message, "not/there") && err.sys_code == ENOENT);
  CHECK(keeper == 0);
}

static void aFolderThatGoesFailsTheTask(void) {
  mkdir("not", 0755);
  mkdir("not/there", 0755);
  t2i_client keeper = open_client("{\"provider\":\"sketch\",\"outputDir\":\"not/there\"}", 0);
  rmdir("not/there");
  t2i_task kept = submit(keeper, FOX);
  CHECK_STATUS(T2I_E_IO, ended(keeper, kept));
  CHECK(strcmp(err.where, "/outputDir") == 0 && has(err.message, "not/there") && err.sys_code == ENOENT);
  CHECK((err.flags & T2I_ERR_MAY_HAVE_SPENT) == 0);
  close_client(keeper);
}

static void aKeptPictureThatIsGoneIsSaidSo(void) {
  mkdir("emptied", 0755);
  t2i_client keeper = open_client("{\"provider\":\"sketch\",\"outputDir\":\"emptied\"}", 0);
  t2i_task kept = submit(keeper, FOX);
  void *bytes = NULL;
  size_t size = 7;
  CHECK(ended(keeper, kept) == T2I_OK);
  CHECK(rename("emptied", "elsewhere") == 0);
  CHECK_REFUSED(T2I_E_IO, "path", t2i_output_read(keeper, kept, 0, 0, &bytes, &size, E));
  CHECK_REFUSED(T2I_E_IO, "path", t2i_output_save(keeper, kept, 0, "gone.png", T2I_NTS, 0, 0, E));
  CHECK(bytes == NULL && size == 7 && access("gone.png", F_OK) != 0);
  close_client(keeper);
}

int main(void) {
  begin();
  client = open_client(SKETCH, 0);
  task = submit(client, "{\"promptText\":\"a harbour at night\",\"ratio\":\"96:64\",\"seed\":3}");
  CHECK(ended(client, task) == T2I_OK);
  thePictureIsAPNGOfTheSizeAskedFor();
  theSameRequestGivesTheSamePicture();
  aFileIsReplacedOnlyIfAsked();
  theUmaskIsTheHosts();
  onlyRegularFilesAreReplaced();
  foldersMustBeThere();
  noPermissionIsSaidSo();
  whatFailsLeavesNothing();
  picturesAreKeptInTheClientsFolder();
  aFolderThatIsNotThereIsSaidAtOnce();
  aFolderThatGoesFailsTheTask();
  aKeptPictureThatIsGoneIsSaidSo();
  noTemporaryFileRemains();
  t2i_free(picture);
  close_client(client);
  return finish();
}
