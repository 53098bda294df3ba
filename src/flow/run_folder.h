/* A run's folder on disk. */
#ifndef TARN_FLOW_RUN_FOLDER_H
#define TARN_FLOW_RUN_FOLDER_H

#include "base/json.h"
#include "os/lock.h"

typedef struct tarn__run_folder {
    char *runs; /* the folder of all runs */
    char *name; /* of this one */
    char *dir;  /* runs/name */
    bool hidden;
    tarn__lock lock;
} tarn__run_folder;
/* clang-format off */
#define TARN__RUN_FOLDER_INIT {NULL, NULL, NULL, false, TARN__LOCK_INIT}
/* clang-format on */

/* Make YYYYMMDD-HHMMSS-FLOW-xxxx below `runs`, locked by this process, under a
 * hidden name: nobody sees it before tarn__run_folder_show(). */
TARN_MUST_CHECK tarn_status tarn__run_folder_make(tarn__run_folder *folder,
    const char *runs, const char *flow, int64_t now_us, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__run_folder_show(
    tarn__run_folder *folder, tarn_error *err);
/* Take the folder of a run that is there; "last" is the newest, of `flow` when
 * that is not NULL. */
TARN_MUST_CHECK tarn_status tarn__run_folder_take(tarn__run_folder *folder,
    const char *runs, const char *name, const char *flow, tarn_error *err);
void tarn__run_folder_reset(tarn__run_folder *folder);

/* The name of a run that is there, "last" looked up; tarn__free() it. */
TARN_MUST_CHECK tarn_status tarn__run_find(const char *runs, const char *name,
    const char *flow, char **out, tarn_error *err);
/* Names of folders that are no runs yet, or no more. */
#define TARN__RUN_NEW ".new-"
#define TARN__RUN_GONE ".gone-"
/* Is a process at work on it? */
bool tarn__run_busy(const char *dir);
/* status.json of a run; `runs`/`name`. */
TARN_MUST_CHECK tarn_status tarn__run_status(
    const char *runs, const char *name, json_t **out, tarn_error *err);
/* All names of runs, newest first; freed with tarn__run_names_free(). */
TARN_MUST_CHECK tarn_status tarn__run_names(
    const char *runs, char ***out, size_t *count, tarn_error *err);
void tarn__run_names_free(char **names, size_t count);

/* A step's id as a name of files: other characters than letters, digits, '_',
 * '-' and '.' as %XX.  tarn__free() it; NULL when memory is out. */
char *tarn__run_file_name(const char *id);
/* "DIR/PART/NAME<suffix>"; NULL when memory is out. */
char *tarn__run_path(
    const char *dir, const char *part, const char *name, const char *suffix);
/* Replace a file whole, without waiting for the disk. */
TARN_MUST_CHECK tarn_status tarn__run_replace(
    const char *path, tarn_slice bytes, tarn_error *err);
/* The same with a JSON document and a line's end; durably when `tmp_dir`, where
 * it lies meanwhile, is not NULL. */
TARN_MUST_CHECK tarn_status tarn__run_write_json(
    const char *path, const char *tmp_dir, const json_t *json, tarn_error *err);

#endif
