/* What the files of this room share. */
#ifndef TARN_LAKE_INTERNAL_H
#define TARN_LAKE_INTERNAL_H

#include <tarn/lake.h>

#include "base/error.h"
#include "base/id.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/progress.h"
#include "delta/delta.h"
#include "lake/history.h"
#include "lake/op.h"
#include "lake/overlay.h"
#include "lake/reader.h"
#include "lake/spool.h"
#include "lake/txn.h"
#include "lake/view.h"
#include "object/object.h"
#include "os/lock.h"
#include "os/threads.h"

#define TARN__FORMAT_VERSION 1
#define TARN__IDLE_US 50000

/* Beyond these, memory gives way to disk; tests lower them. */
typedef struct tarn__bounds {
    size_t overlay_bytes;     /* of a transaction's own reads */
    size_t spool_bytes;       /* of its operations */
    uint64_t bulk_operations; /* of a commit that is loaded as sorted files */
} tarn__bounds;
#define TARN__BOUNDS_INIT                         \
    {                                             \
        (size_t)64 << 20, (size_t)16 << 20, 20000 \
    }

/* The paths of a lake's parts. */
typedef struct tarn__layout {
    char *dir, *config, *log, *objects, *views, *key, *gate, *runs, *tmp, *pins,
        *lock, *want;
} tarn__layout;

/* The one writer of a process: holder of `lock`, and of the key view open for
 * writing.
 *
 *   IDLE ── tarn__writer_take ──▶ BUSY ── tarn__writer_give ──▶ HELD
 *   HELD ── take ──▶ BUSY;   HELD ── 50 ms idle, a waiter, or close ──▶ IDLE
 *   BUSY ── unknown outcome ──▶ POISONED (for life) */
typedef struct tarn__writer {
    pthread_mutex_t mutex; /* held while BUSY */
    tarn__lock lock;       /* fd >= 0: HELD or BUSY */
    int64_t head;          /* while held: the log's newest version */
    int64_t head_time_us;
    int64_t since_us;    /* wall clock, when the lock was taken */
    int64_t last_use_us; /* monotonic */
    bool poisoned;       /* under keeper_mutex */
    bool behind; /* a commit stands that the view lacks: reopen to replay */
    /* The keeper thread gives the lock up when idle. */
    pthread_mutex_t keeper_mutex;
    pthread_cond_t keeper_wake;
    pthread_t keeper;
    bool keeper_runs, keeper_stop;
    bool keeper_held; /* HELD: there is something to give up */
} tarn__writer;

struct tarn_lake {
    tarn__layout at; /* all NULL in a memory lake */
    tarn_lake_options options;
    char *tenant; /* that of the options; NULL: all are seen */
    tarn__bounds bounds;
    tarn__logger logger;
    tarn__progress progress;
    int64_t pid;
    bool memory;
    tarn__id id;
    char *label;
    int64_t created_us;
    tarn__delta *delta;          /* NULL in a memory lake */
    pthread_mutex_t delta_mutex; /* recursive: any use of delta */
    tarn__objects *objects;
    pthread_mutex_t scratch_mutex;
    tarn__scratch scratch;
    struct {
        void *ptr;
        void (*destroy)(void *ptr);
    } kept[TARN__SLOT_COUNT]; /* under scratch_mutex */
    tarn__view view;
    pthread_mutex_t open_mutex; /* recursive: (re)opening the view */
    int64_t head_seen; /* under delta_mutex: newest version seen; a hint */
    tarn__writer writer;
    tarn_txn_options upkeep; /* message and argv of gc and compaction */
    /* MEMORY: times of versions. */
    int64_t *version_times;
    size_t version_times_cap;
    int64_t memory_head;
};

struct tarn_snapshot {
    tarn_lake *lake;
    int64_t version;
    tarn__overlay *overlay; /* of a transaction; else NULL */
    tarn_txn *txn;          /* likewise */
    tarn__lock pin;
    pthread_mutex_t iters_mutex;
    tarn__view_iter iters[TARN__FAMILY_COUNT]; /* for point reads */
};

/* Was the handle inherited over fork?  Then nothing of it may be touched: the
 * files, locks and threads are the parent's. */
bool tarn__lake_forked(const tarn_lake *lake);
/* Refuses a forked handle, or (writing) a poisoned one. */
TARN_MUST_CHECK tarn_status tarn__lake_usable(
    tarn_lake *lake, bool writing, tarn_error *err);

/* --- snapshot.c --- */
void tarn__snapshot_init(tarn_snapshot *snap, tarn_lake *lake);
void tarn__snapshot_reset(tarn_snapshot *snap);
/* Forget cached positions: the snapshot's version has moved. */
void tarn__snapshot_rebase(tarn_snapshot *snap, int64_t version);

/* --- txn.c --- */
/* Before its snapshot is read: what was added in bulk, or by a source. */
TARN_MUST_CHECK tarn_status tarn__txn_settle(tarn_txn *txn, tarn_error *err);

/* --- catch_up.c: the view's clock --- */
/* Make the view answer for the head, opening and replaying as needed; *head is
 * the version to read at (DESIGN 3, Readers). */
TARN_MUST_CHECK tarn_status tarn__lake_catch_up(
    tarn_lake *lake, int64_t *head, tarn_error *err);
/* Under view.lock's read side afterwards: the view is open and answers for
 * `version` (TARN__PENDING_VERSION: for whatever it does). */
TARN_MUST_CHECK tarn_status tarn__view_enter(
    tarn_lake *lake, int64_t version, tarn_error *err);
void tarn__view_leave(tarn_lake *lake);

/* --- replay.c --- */
/* The writer's view, from `applied` to the log's `head`; rebuilds it when it
 * belongs to another timeline (I7). */
TARN_MUST_CHECK tarn_status tarn__replay(
    tarn_lake *lake, int64_t head, tarn_error *err);
/* A whole view of the log up to `head` at `path`; delta_mutex is held. */
TARN_MUST_CHECK tarn_status tarn__build_key(
    tarn_lake *lake, const char *path, int64_t head, tarn_error *err);
/* All of it anew; the writer is BUSY. */
TARN_MUST_CHECK tarn_status tarn__rebuild_key(tarn_lake *lake, tarn_error *err);
/* The same into memory, for a medium that may not be written to: what lies
 * beyond `applied`, or the whole log. */
TARN_MUST_CHECK tarn_status tarn__replay_tail(
    tarn_lake *lake, int64_t head, bool whole, tarn_error *err);
/* Whether the view's `applied` is of this log's timeline. */
TARN_MUST_CHECK tarn_status tarn__applied_matches(tarn_lake *lake,
    const tarn__applied *applied, int64_t head, bool *matches, tarn_error *err);

/* --- applier.c: operations into the key view --- */
typedef struct tarn__applier tarn__applier;
/* bulk: sorted SST files instead of batches.  families: bits of those that it
 * cares for, so that several may share a commit. */
TARN_MUST_CHECK tarn_status tarn__applier_create(tarn__rocks *db, bool bulk,
    uint32_t families, tarn__scratch *scratch, tarn__applier **out,
    tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__applier_op(
    tarn__applier *applier, const tarn__op *op, tarn_error *err);
/* After the last operation, when there is time: files made ready.  The view is
 * not touched. */
TARN_MUST_CHECK tarn_status tarn__applier_prepare(
    tarn__applier *applier, tarn_error *err);
/* The rest, and `applied` with it, last (NULL: another applier's). */
TARN_MUST_CHECK tarn_status tarn__applier_finish(
    tarn__applier *applier, const tarn__applied *applied, tarn_error *err);
void tarn__applier_free(tarn__applier *applier);
/* Operations into versioned maps (memory lakes, tails). */
TARN_MUST_CHECK tarn_status tarn__maps_apply(
    tarn__ordmap **maps, const tarn__op *op, tarn_error *err);

/* --- writer.c --- */
/* Become BUSY: lock, fsync of the newest commit, view caught up.  TARN_LOCKED
 * names the holder. */
TARN_MUST_CHECK tarn_status tarn__writer_take(
    tarn_lake *lake, int64_t wait_us, tarn_error *err);
/* BUSY -> HELD, or IDLE when someone waits. */
void tarn__writer_give(tarn_lake *lake);
/* HELD -> IDLE. */
void tarn__writer_release(tarn_lake *lake);
void tarn__writer_init(tarn__writer *writer);
void tarn__writer_close(tarn_lake *lake);
/* Refuse further writes through this handle. */
void tarn__writer_poison(tarn_lake *lake);
/* What stands in the lock file. committing >= 0: that version is on its way. */
TARN_MUST_CHECK tarn_status tarn__writer_note(
    tarn_lake *lake, int64_t committing, tarn_error *err);
typedef struct tarn__holder {
    int64_t pid;
    char host[128];
    int64_t since_us;
    int64_t committing; /* -1 none */
} tarn__holder;
bool tarn__holder_read(const tarn_lake *lake, tarn__holder *out);

/* --- layout.c --- */
TARN_MUST_CHECK tarn_status tarn__layout_make(
    tarn__layout *at, const char *dir, tarn_error *err);
void tarn__layout_reset(tarn__layout *at);
TARN_MUST_CHECK tarn_status tarn__delta_for(
    tarn_lake *lake, tarn__delta **out, tarn_error *err);

/* --- commit.c --- */
/* Steps 3 to 6 for operations in a spool, and those of a source behind them; the
 * writer is BUSY. *version is set with TARN_OK and TARN_UNKNOWN. */
typedef struct tarn__commit {
    tarn__spool *ops;
    tarn__op_source more; /* each NULL: none */
    tarn__staged *staged;
    size_t staged_count;
    const char *const *argv;
    const char *message;
} tarn__commit;
TARN_MUST_CHECK tarn_status tarn__commit_run(tarn_lake *lake,
    const tarn__commit *commit, int64_t *version, tarn_error *err);
/* A commit that rewrites files; dataChange as given; delta_mutex is held. */
TARN_MUST_CHECK tarn_status tarn__commit_files(tarn_lake *lake,
    const tarn__delta_write *write, int64_t *version, tarn_error *err);

/* commitInfo.tarn of a commit without operations of its own. */
#define TARN__OWN_FIELDS(command) \
    "{\"command\":[\"" command "\"],\"operations\":0,\"tool\":\"0.1.0\"}"

/* The same of gc or compaction, as tarn_lake_name_upkeep() said. */
TARN_MUST_CHECK tarn_status tarn__upkeep_fields(
    const tarn_lake *lake, const char *command, tarn_buf *out, tarn_error *err);

/* --- compact.c --- */
/* One slice of compaction, committed; *version -1: nothing to do.  The writer
 * is BUSY and delta_mutex held. */
TARN_MUST_CHECK tarn_status tarn__compact_slice(
    tarn_lake *lake, bool all, int64_t *version, tarn_error *err);

/* --- op_bytes.c: operations as bytes (spool) --- */
TARN_MUST_CHECK tarn_status tarn__op_encode(
    tarn_buf *out, const tarn__op *op, tarn_error *err);
/* Slices point into `bytes`. */
bool tarn__op_decode(tarn_slice bytes, tarn__op *out);

#endif
