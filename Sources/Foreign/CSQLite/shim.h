/* SQLite as Swift can call it: a destructor that is a macro, and the file behind a connection. None of its process-wide
 * settings is touched: the host may use the same SQLite. */
#pragma once
#include <sqlite3.h>
#include <stdint.h>

/* STRICT tables. */
#define CQ_VERSION_MIN 3037000
#if SQLITE_VERSION_NUMBER < CQ_VERSION_MIN
#error "libt2i needs SQLite 3.37 or newer"
#endif

/* SQLite takes a copy. An empty text without an address would be bound as NULL. */
static inline int cq_bind_text(sqlite3_stmt *statement, int index, const void *text, int size) {
  return sqlite3_bind_text(statement, index, size == 0 ? "" : (const char *)text, size, SQLITE_TRANSIENT);
}

/* The size of the file behind a connection and its first bytes, read through SQLite's own descriptor: opening the file
 * a second time and closing it would drop the locks of every connection to it in this process. */
static inline int cq_beginning(sqlite3 *database, void *room, int size, sqlite3_int64 *total) {
  sqlite3_file *file = 0;
  int code = sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (code != SQLITE_OK) return code;
  if (file == 0 || file->pMethods == 0) return SQLITE_CANTOPEN;
  code = file->pMethods->xFileSize(file, total);
  if (code != SQLITE_OK) return code;
  code = file->pMethods->xRead(file, room, size, 0);
  return code == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : code; /* It filled the rest with zeros. */
}

/* 1 when the file is no longer the one under its path. */
static inline int cq_has_moved(sqlite3 *database) {
  int moved = 0;
  return sqlite3_file_control(database, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved;
}

/* Tells one SQLite of a process from another: where this one keeps a text of its own. */
static inline sqlite3_uint64 cq_copy(void) { return (sqlite3_uint64)(uintptr_t)sqlite3_libversion(); }
