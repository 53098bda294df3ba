/* Any bytes as a flow file, and behind a line of dashes and a dot as a
 * connections file: check tells what is wrong, and what it accepts compiles to
 * a manifest that reads back. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"
#include "flow/flow_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char mark[] = "\n---.\n";

static const char *find_mark(const char *text, size_t len)
{
    size_t n = strlen(mark);
    for (size_t i = 0; i + n <= len; i++)
        if (memcmp(text + i, mark, n) == 0)
            return text + i;
    return NULL;
}

/* The manifest is YAML, and the same again when written again. */
static void check_manifest(const tarn__flow *flow)
{
    tarn__yaml *yaml = NULL;
    tarn_buf again = TARN_BUF_INIT;
    if (tarn__yaml_parse(tarn_str(flow->manifest), "manifest", &yaml, NULL) !=
            TARN_OK ||
        tarn__yaml_write(tarn__yaml_root(yaml, 0), &again, NULL) != TARN_OK ||
        strcmp(again.ptr, flow->manifest) != 0)
        abort();
    tarn_buf_reset(&again);
    tarn__yaml_free(yaml);
}

static void check_steps(const tarn__flow *flow)
{
    for (size_t i = 0; i < flow->step_count; i++) {
        tarn_buf text = TARN_BUF_INIT;
        tarn_error err = TARN_ERROR_INIT;
        for (size_t n = 0; n < flow->steps[i].need_count; n++)
            if (flow->steps[i].needs[n].step >= i)
                abort();
        tarn_status st = tarn__flow_step_config(flow, i, i % 2, &text, &err);
        if (st == TARN_OK)
            st = tarn__flow_step_connection(flow, i, i % 2, &text, &err);
        if (st != TARN_OK && st != TARN_BAD_INPUT)
            abort();
        tarn_buf_reset(&text);
    }
}

static void check_diagnostics(const tarn_flow_diagnostics *found)
{
    for (size_t i = 0; i < tarn_flow_diagnostic_count(found); i++) {
        tarn_flow_diagnostic d = tarn_flow_diagnostic_get(found, i);
        if (d.code[0] == '\0' || d.message[0] == '\0' ||
            strchr(d.message, '\n') != NULL)
            abort();
    }
}

static tarn__duck *session(void)
{
    static tarn__duck *duck;
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    options.threads = 1;
    options.external_access = false;
    if (duck == NULL && tarn__duck_open(&options, &duck, NULL) != TARN_OK)
        abort();
    return duck;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tarn__flow *flow = NULL;
    tarn_flow_diagnostics *found = NULL;
    tarn_error err = TARN_ERROR_INIT;
    tarn__flow_text text = {{(const char *)data, size}, {NULL, 0}, session()};
    const char *split = find_mark((const char *)data, size);
    if (split != NULL) {
        text.flow.len = (size_t)(split - (const char *)data);
        text.connections.ptr = split + strlen(mark);
        text.connections.len = size - text.flow.len - strlen(mark);
    }
    tarn_status st =
        tarn__flow_compile_text(&text, NULL, true, &flow, &found, &err);
    if (st != TARN_OK && st != TARN_BAD_INPUT)
        abort();
    check_diagnostics(found);
    if (flow != NULL) {
        check_manifest(flow);
        check_steps(flow);
    } else if (st == TARN_OK && tarn_flow_error_count(found) == 0) {
        abort();
    }
    tarn_flow_diagnostics_free(found);
    tarn__flow_free(flow);
    return 0;
}
