#include "cli/input.h"

#include <string.h>

#include "cli/host.h"

tarn_status tarn__cli_input_open(
    cli_input *input, const char *path, tarn_error *err)
{
    *input = (cli_input){"standard input", CLI_STDIN};
    if (strcmp(path, "-") == 0)
        return TARN_OK;
    input->name = path;
    int failed = tarn__cli_open_read(path, &input->fd);
    return failed == 0 ? TARN_OK : tarn__cli_fail_os(err, failed, "%s", path);
}

tarn_status tarn__cli_input_read(
    void *arg, void *ptr, size_t len, size_t *got, tarn_error *err)
{
    const cli_input *input = arg;
    int failed = tarn__cli_read(input->fd, ptr, len, got);
    if (tarn__cli_interrupted())
        return tarn__cli_fail_interrupted(err);
    return failed == 0 ? TARN_OK
                       : tarn__cli_fail_os(err, failed, "%s", input->name);
}

void tarn__cli_input_close(cli_input *input)
{
    if (input->fd != CLI_STDIN)
        tarn__cli_close(input->fd);
}
