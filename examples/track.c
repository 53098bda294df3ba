/* What a crawl has to extract again, and the state after it, from folders of
 * JSON lines.
 *
 *   cc track.c $(pkg-config --cflags --libs tarn) -o track
 *   ./track CURRENT PREVIOUS OUT
 */
#include <inttypes.h>
#include <stdio.h>
#include <tarn/tarn.h>

static tarn_status print_table(
    void *arg, const tarn_track_table *table, tarn_error *err)
{
    (void)arg;
    (void)err;
    printf("%s %s\n", table->reason, table->id);
    return TARN_OK;
}

int main(int argc, char **argv)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_track_plan_counts plan;
    tarn_track_merge_counts merge;

    if (argc != 4) {
        fprintf(stderr, "track: CURRENT, PREVIOUS and OUT are missing\n");
        return tarn_exit_code(TARN_INVALID);
    }
    tarn_status st = tarn_track_plan(
        argv[1], argv[2], NULL, NULL, print_table, NULL, &plan, &err);
    if (st == TARN_OK)
        st = tarn_track_merge(argv[1], argv[2], argv[3], NULL, &merge, &err);
    if (st == TARN_OK)
        printf("%" PRId64 " columns, %" PRId64 " of them carried forward\n",
            merge.columns_total, merge.columns_carried);
    else
        fprintf(stderr, "%s\n", err.message);
    return tarn_exit_code(st);
}
