/* schema.c - the tables of the index. */
#include "lib/index/schema.h"

const char schema_git[] =
	/* schema, filled (1 once everything was read from git) */
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
	/* packed-refs and each folder below refs/mich as they were when the refs were read */
	"CREATE TABLE folder(path TEXT PRIMARY KEY, inode INT, mtime_ns INT) WITHOUT ROWID;"
	"CREATE TABLE artifact(kind TEXT, name TEXT, ref TEXT, tip TEXT,"
	" PRIMARY KEY(kind, name)) WITHOUT ROWID;"
	"CREATE TABLE version(id TEXT PRIMARY KEY, kind TEXT, name TEXT, number INT, content TEXT,"
	" commit_id TEXT, fingerprint TEXT, build TEXT, validation TEXT, life TEXT, dirty INT,"
	" collected INT, started INT, finished INT, host TEXT, user TEXT, code_commit TEXT, seed INT,"
	" UNIQUE(kind, name, number)) WITHOUT ROWID;"
	"CREATE INDEX version_fingerprint ON version(fingerprint);"
	"CREATE INDEX version_content ON version(content);"
	/* position counts the events of a version from 1 */
	"CREATE TABLE event(commit_id TEXT PRIMARY KEY, version TEXT REFERENCES version(id),"
	" position INT, type TEXT, at INT, user TEXT, data TEXT) WITHOUT ROWID;"
	"CREATE INDEX event_version ON event(version, position);"
	"CREATE TABLE input(version TEXT REFERENCES version(id), position INT, role TEXT, ref TEXT,"
	" input TEXT, content TEXT, PRIMARY KEY(version, position)) WITHOUT ROWID;"
	"CREATE INDEX input_input ON input(input);"
	"CREATE TABLE param(version TEXT REFERENCES version(id), key TEXT, value,"
	" PRIMARY KEY(version, key)) WITHOUT ROWID;"
	"CREATE TABLE metric(version TEXT REFERENCES version(id), key TEXT, value REAL,"
	" PRIMARY KEY(version, key)) WITHOUT ROWID;"
	"CREATE TABLE tag(version TEXT REFERENCES version(id), key TEXT, value TEXT,"
	" PRIMARY KEY(version, key)) WITHOUT ROWID;"
	"CREATE TABLE note(commit_id TEXT PRIMARY KEY, version TEXT REFERENCES version(id), at INT,"
	" user TEXT, text TEXT) WITHOUT ROWID;"
	/* each annotated tag; stage: the one it was made for; doc: figures and gates as JSON */
	"CREATE TABLE release(space TEXT, name TEXT, major INT, minor INT, version TEXT, tag TEXT,"
	" at INT, user TEXT, forced TEXT, stage TEXT, doc TEXT,"
	" PRIMARY KEY(space, name, major, minor)) WITHOUT ROWID;"
	"CREATE INDEX release_version ON release(version);"
	/* every move of a stage; position counts those of one stage from 1 */
	"CREATE TABLE move(commit_id TEXT PRIMARY KEY, space TEXT, name TEXT, stage TEXT,"
	" position INT, version TEXT, major INT, minor INT, at INT, user TEXT, action TEXT,"
	" reason TEXT, forced TEXT) WITHOUT ROWID;"
	"CREATE INDEX move_stage ON move(space, name, stage, position);"
	/* what is in each stage now: its last move */
	"CREATE TABLE stage(space TEXT, name TEXT, stage TEXT, tip TEXT, version TEXT, major INT,"
	" minor INT, at INT, user TEXT, action TEXT, reason TEXT, forced TEXT,"
	" PRIMARY KEY(space, name, stage)) WITHOUT ROWID;"
	"CREATE INDEX stage_version ON stage(version);"
	"INSERT INTO meta VALUES('schema', '2');";

const char schema_local[] =
	"CREATE TABLE IF NOT EXISTS stat_cache(path TEXT PRIMARY KEY, size INT, inode INT,"
	" mtime_ns INT, ctime_ns INT, sha256 TEXT, gitoid TEXT) WITHOUT ROWID;";

const char schema_drop[] =
	"DROP TABLE IF EXISTS stage; DROP TABLE IF EXISTS move; DROP TABLE IF EXISTS release;"
	"DROP TABLE IF EXISTS note; DROP TABLE IF EXISTS tag; DROP TABLE IF EXISTS metric;"
	"DROP TABLE IF EXISTS param; DROP TABLE IF EXISTS input; DROP TABLE IF EXISTS event;"
	"DROP TABLE IF EXISTS version; DROP TABLE IF EXISTS artifact; DROP TABLE IF EXISTS folder;"
	"DROP TABLE IF EXISTS meta;";
