/**
 * Flows: pipelines in one YAML file, whose steps hand over DuckDB files.
 *
 * A flow is checked, which gives every diagnostic at once; compiled, which
 * gives a manifest that is the same, byte for byte, for files that mean the
 * same, and holds no secret; and run.  docs/FLOWS.md tells the file's form.
 */
#ifndef TARN_FLOW_H
#define TARN_FLOW_H

#include <tarn/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tarn_flow_options {
    const char *profile;       /* NULL: none */
    const char *const *params; /* "name=value", or "name=@FILE" */
    size_t param_count;
    const char *connections; /* file; NULL: connections.yaml beside the flow,
                                when it is there */
} tarn_flow_options;
#define TARN_FLOW_OPTIONS_INIT \
    {                          \
        NULL, NULL, 0, NULL    \
    }

/** What check found, in the order of the file. */
typedef struct tarn_flow_diagnostics tarn_flow_diagnostics;

typedef struct tarn_flow_diagnostic {
    bool error;           /* else a warning */
    const char *code;     /* such as "unknown_need"; docs/FLOWS.md lists them */
    const char *location; /* such as "steps[2].config.path:14:9" */
    const char *message;  /* one line, with its mend */
} tarn_flow_diagnostic;

TARN_API size_t tarn_flow_diagnostic_count(const tarn_flow_diagnostics *d);
TARN_API size_t tarn_flow_error_count(const tarn_flow_diagnostics *d);
/** Borrowed until the diagnostics are freed. */
TARN_API tarn_flow_diagnostic tarn_flow_diagnostic_get(
    const tarn_flow_diagnostics *d, size_t index);
TARN_API void tarn_flow_diagnostics_free(tarn_flow_diagnostics *d);

/**
 * Find everything that is wrong with a flow file.
 *
 * @param[out] out the diagnostics, none when all is well; free with
 *                 tarn_flow_diagnostics_free().
 * @return TARN_OK also when there are errors among them; TARN_NOT_FOUND,
 *         TARN_IO the file cannot be read.
 *
 * Nothing is run and nothing is written.  Threads: any.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_check(const char *path,
    const tarn_flow_options *options, tarn_flow_diagnostics **out,
    tarn_error *err);

/**
 * Check and compile a flow file.
 *
 * @param[out] manifest    appended: canonical YAML.
 * @param[out] fingerprint appended: "sha256:" and 64 digits; it changes with
 *                         every parameter, query and component version, and
 *                         with no secret's value.
 * @param[out] diagnostics as tarn_flow_check(), warnings of a success too; may
 *                         be NULL.
 * @return TARN_BAD_INPUT the flow has errors.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_compile(const char *path,
    const tarn_flow_options *options, tarn_buf *manifest, tarn_buf *fingerprint,
    tarn_flow_diagnostics **diagnostics, tarn_error *err);

/** Write what tarn_flow_compile() gave to DIR/manifest.yaml and
 * DIR/fingerprint, each whole or not at all; the folder is made. */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_save(const char *dir,
    tarn_slice manifest, tarn_slice fingerprint, tarn_error *err);

/** The built-in components as rows: component, version, modes, config. */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_drivers(
    tarn_rows **out, tarn_error *err);

/**
 * The connections of a file as rows: connection, default, fields (JSON, secrets
 * masked); with `test` also status (ok, failed, skipped) and message, from the
 * component itself.
 *
 * @param path NULL: connections.yaml in the current folder.
 */
TARN_API TARN_MUST_CHECK tarn_status tarn_flow_connections(
    const char *path, bool test, tarn_rows **out, tarn_error *err);

#ifdef __cplusplus
}
#endif
#endif
