/* A line of a batch: split, parsed as a command, masked for the log. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    cli_words words = CLI_WORDS_INIT;
    cli_args args = CLI_ARGS_INIT;
    cli_settings settings;
    tarn_error err = TARN_ERROR_INIT;
    tarn_status st = tarn__cli_split(&words, (const char *)bytes, len, &err);
    if (st == TARN_OK) {
        char **masked = tarn__cli_mask(words.ptr, words.count);
        for (size_t i = 0; i < words.count; i++)
            if (masked[i] == NULL)
                abort();
        if (masked[words.count] != NULL)
            abort();
        tarn__cli_mask_free(masked);
        st = tarn__cli_parse(&args, words.ptr, words.count, &err);
    }
    if (st == TARN_OK)
        st = tarn__cli_settings(&settings, &args, &err);
    /* A failure says what is wrong, in one line. */
    if (st != TARN_OK &&
        (err.message[0] == '\0' || strchr(err.message, '\n') != NULL))
        abort();
    tarn__cli_args_reset(&args);
    tarn__cli_words_reset(&words);
    return 0;
}
