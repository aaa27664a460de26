// What lies in a journal: its tables, and every sentence that is said to them.

/// task    one row for each request that was accepted. It is the index: what it says follows from its facts.
///           id          rises, and is never given twice
///           account     whose money: the first eight bytes of SHA-256 of the key
///           created, updated   milliseconds of Unix time
///           intent      UUID; the same on every try of its submit
///           request     JSON, without bytes of pictures; empty once the task was pruned
///           digest      SHA-256 of what is sent, for `key`
///           price, certainty   millicredits as it was accepted
///           owner       the client that drives it, 0 for none; whether that lives, its lock file says
///           fence       rises with every owner; who knows an old one may not write
///           key         the host's dedupe_key, NULL for none and after "it was not accepted"
///           stage, token, reserved, spent   as `Standing` folds them from the facts
///           open        1 while something is left to be done or decided
/// fact    what happened to it, numbered from 1, never changed. `kind` says which of value, text and detail it has.
/// renewal a key that took another's place: `key` is the hash that its client would have as its account, `account` whose
///           tasks it sees. Since version 2.
/// purse   millicredits of an account's tasks, by the UTC day of their creation.
///
/// `crc` is CRC-32 of all the other columns. SQLite finds a page that cannot be, not a number that changed on the disk.
enum Schema {
  /// Of `PRAGMA user_version`. What a later version adds, it adds for journals of this one too.
  static let version: Int64 = 2
  /// "t2i1", where the `file` command and we look.
  static let application: UInt32 = 0x7432_6931

  static let making: StaticString = """
    PRAGMA synchronous=FULL;
    PRAGMA application_id=0x74326931;
    BEGIN IMMEDIATE;
    CREATE TABLE task (
      id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, created INTEGER NOT NULL,
      intent TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, request TEXT NOT NULL,
      digest TEXT NOT NULL, price INTEGER, certainty TEXT NOT NULL,
      owner INTEGER NOT NULL, fence INTEGER NOT NULL, updated INTEGER NOT NULL, key TEXT, stage INTEGER NOT NULL,
      token TEXT, reserved INTEGER NOT NULL, spent INTEGER, open INTEGER NOT NULL, crc INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX task_key ON task (account, key) WHERE key IS NOT NULL;
    CREATE INDEX task_open ON task (account, id) WHERE open = 1;
    CREATE INDEX task_token ON task (account, token) WHERE token IS NOT NULL;
    CREATE INDEX task_past ON task (updated) WHERE open = 0 AND request <> '';
    CREATE TABLE fact (
      task INTEGER NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, kind INTEGER NOT NULL,
      value INTEGER, text TEXT, detail TEXT, crc INTEGER NOT NULL, PRIMARY KEY (task, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX fact_upload ON fact (at) WHERE kind = 2;
    CREATE TABLE purse (
      account INTEGER NOT NULL, day INTEGER NOT NULL, held INTEGER NOT NULL, spent INTEGER NOT NULL,
      crc INTEGER NOT NULL, PRIMARY KEY (account, day)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE renewal (
      key INTEGER PRIMARY KEY, account INTEGER NOT NULL, crc INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE VIEW history AS
      SELECT id, account, created, updated, provider, model, request, digest, intent, key, token, price, certainty,
        CASE stage WHEN 1 THEN 'waiting' WHEN 2 THEN 'submitting' WHEN 3 THEN 'remote' WHEN 4 THEN 'ambiguous'
          ELSE 'ended' END AS stage,
        (SELECT value FROM fact WHERE task = id AND kind = 12 ORDER BY number DESC LIMIT 1) AS state,
        (SELECT text FROM fact WHERE task = id AND kind = 12 ORDER BY number DESC LIMIT 1) AS message,
        reserved, spent, CASE WHEN stage = 5 OR spent IS NOT NULL THEN 0 ELSE reserved END AS held, open
      FROM task WHERE request <> '';
    PRAGMA user_version=2;
    COMMIT;
    PRAGMA journal_mode=WAL;
    """

  /// Two who open an old journal at the same time may both say this.
  static let fromVersion1: StaticString = """
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS renewal (
      key INTEGER PRIMARY KEY, account INTEGER NOT NULL, crc INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    PRAGMA user_version=2;
    COMMIT;
    """

  /// A mapped file that somebody shortens would end the host with SIGBUS; a temporary one would need a place.
  static let settings: StaticString = """
    PRAGMA mmap_size=0;
    PRAGMA temp_store=MEMORY;
    PRAGMA trusted_schema=OFF;
    PRAGMA cell_size_check=ON;
    PRAGMA synchronous=FULL;
    """
}

/// Columns come in the order of the tables; of a task first those that never change, then the others.
enum Query: Int {
  case begin, commit, rollBack, version, mode, check
  case lastTask, insertTask, task, updateTask, keyed, withToken, openTasks, openOwners, allOpen
  case lastFact, insertFact, facts, uploads
  case renewal, addRenewal, anyTask
  case purse, writePurse, purseSums, purses
  case past, pastCount, emptyTask, dropFacts, dropTask

  var text: StaticString {
    switch self {
    case .begin: "BEGIN IMMEDIATE"
    case .commit: "COMMIT"
    case .rollBack: "ROLLBACK"
    case .version: "PRAGMA user_version"
    case .mode: "PRAGMA journal_mode"
    case .check: "PRAGMA integrity_check(1)"
    case .lastTask: "SELECT seq FROM sqlite_sequence WHERE name = 'task'"
    case .insertTask: "INSERT INTO task VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
    case .task: "SELECT * FROM task WHERE id = ?"
    case .updateTask:
      """
      UPDATE task SET owner=?, fence=?, updated=?, key=?, stage=?, token=?, reserved=?, spent=?, open=?, crc=? \
      WHERE id=? AND owner=? AND fence=?
      """
    case .keyed: "SELECT id FROM task WHERE account = ? AND key = ?"
    case .withToken: "SELECT id FROM task WHERE account = ? AND token = ? ORDER BY id DESC LIMIT 1"
    case .openTasks: "SELECT id, owner FROM task WHERE account = ? AND open = 1 ORDER BY id"
    case .openOwners: "SELECT owner, COUNT(*) FROM task WHERE account = ? AND open = 1 GROUP BY owner"
    case .allOpen: "SELECT id FROM task WHERE open = 1"
    case .lastFact: "SELECT MAX(number) FROM fact WHERE task = ?"
    case .insertFact: "INSERT INTO fact VALUES (?,?,?,?,?,?,?,?)"
    case .facts: "SELECT * FROM fact WHERE task = ? ORDER BY number"
    case .uploads:
      """
      SELECT f.at, f.value, f.text, a.detail FROM fact f JOIN fact a ON a.task = f.task AND a.number = 1 \
      JOIN task t ON t.id = f.task WHERE f.kind = 2 AND f.at > ? AND t.account = ? ORDER BY f.at DESC LIMIT 1000
      """
    case .renewal: "SELECT * FROM renewal WHERE key = ?"
    case .addRenewal: "INSERT INTO renewal VALUES (?,?,?)"
    case .anyTask: "SELECT 1 FROM task WHERE account = ? LIMIT 1"
    case .purse: "SELECT * FROM purse WHERE account = ? AND day = ?"
    case .writePurse: "INSERT OR REPLACE INTO purse VALUES (?,?,?,?,?)"
    case .purseSums: "SELECT SUM(held), SUM(spent) FROM purse WHERE account = ?"
    case .purses: "SELECT * FROM purse"
    case .past:
      "SELECT id FROM task WHERE open = 0 AND request <> '' AND updated < ? ORDER BY updated LIMIT ?"
    case .pastCount: "SELECT COUNT(*) FROM task WHERE open = 0 AND request <> ''"
    case .emptyTask: "UPDATE task SET request = ?7, crc = ?20 WHERE id = ?1"
    case .dropFacts: "DELETE FROM fact WHERE task = ?"
    case .dropTask: "DELETE FROM task WHERE id = ?"
    }
  }
}
