/* What a run is told: the configuration file. */
#ifndef TARN_TRACK_CONFIG_H
#define TARN_TRACK_CONFIG_H

#include "base/yaml.h"

typedef enum tarn__track_kind {
    TARN__TRACK_DATABASE,
    TARN__TRACK_SCHEMA,
    TARN__TRACK_TABLE,
    TARN__TRACK_COLUMN,
    TARN__TRACK_KINDS
} tarn__track_kind;
extern const char *const tarn__track_kinds[TARN__TRACK_KINDS];

typedef struct tarn__track_patterns {
    const char **texts; /* LIKE patterns of schemas */
    size_t count;
} tarn__track_patterns;

typedef struct tarn__track_config {
    char *path;
    char *base_dir; /* its folder */
    const char *application;
    const char *connection; /* default/mysql/1764230875 */
    const char *id;         /* its last segment */
    const char *source;     /* "@mysql.prod" */
    tarn__track_patterns include;
    tarn__track_patterns exclude;
    double prepone_hours;
    int64_t batch_size;
    int64_t jobs;
    int64_t chunk_size;
    const char *queries[TARN__TRACK_KINDS]; /* NULL: none of that kind */
    bool preset; /* the queries are ours, with a place for the patterns */
    char *root;  /* in the lake */
    tarn__yaml *yaml;
} tarn__track_config;

/* TARN_BAD_INPUT names every fault, with line and column. */
TARN_MUST_CHECK tarn_status tarn__track_config_read(
    const char *path, tarn__track_config *out, tarn_error *err);
void tarn__track_config_reset(tarn__track_config *config);
/* Does the schema belong to the run? */
bool tarn__track_in_scope(const tarn__track_config *config, const char *schema);

/* In the presets' queries: where a condition on the schema may stand, which is
 * named by the expression behind it, up to the comment's end. */
#define TARN__TRACK_SCHEMAS "/*schemas:"
/* preset.c: the queries of "mysql" (or "mariadb") and "postgres"; false when
 * there is no such preset. */
bool tarn__track_preset(
    const char *name, const char *queries[TARN__TRACK_KINDS]);

#endif
