/* Schemas and records on stdin, what is thought of them on stdout, a line
 * each: "S SCHEMA" is the schema from there on, "D DOCUMENT" is checked with
 * it.  The answer is the status and the message. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/json_schema.h"

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    tarn__json_schema *schema = NULL;
    while ((len = getline(&line, &cap, stdin)) > 2) {
        tarn_error err = TARN_ERROR_INIT;
        tarn_slice text = {line + 2, strcspn(line + 2, "\n")};
        tarn_status st;
        if (line[0] == 'S') {
            tarn__json_schema_free(schema);
            st = tarn__json_schema_compile(text, "schema", &schema, &err);
        } else if (schema == NULL) {
            st = TARN_FAILED;
        } else {
            st = tarn__json_schema_check(schema, text, &err);
        }
        printf("%d %s\n", (int)st, err.message);
    }
    tarn__json_schema_free(schema);
    free(line);
    return 0;
}
