/*
 * JSON lines of events, about 270 bytes each, 90 days of 200,000 users.
 *
 *   events_make FILE COUNT SEED DUPLICATES-PER-CENT
 *
 * A duplicate is one of the 100,000 events before it, byte for byte but for
 * its time.  The same arguments give the same file.
 */
#include "support/bench.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define RING 100000

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void write_event(FILE *file, uint64_t id, uint64_t time)
{
    static const char *const events[] = {"page_view", "signup", "purchase",
        "login", "logout", "add_to_cart", "search", "share"};
    static const char *const countries[] = {
        "US", "DE", "FR", "GB", "IN", "BR", "JP", "CA"};
    static const char *const plans[] = {"free", "pro", "team", "enterprise"};
    static const char *const browsers[] = {
        "Chrome", "Firefox", "Safari", "Edge"};
    uint64_t x = id * UINT64_C(0x9E3779B97F4A7C15);
    fprintf(file,
        "{\"event\":\"%s\",\"properties\":{\"time\":%" PRIu64
        ",\"distinct_id\":\"user-%" PRIu64 "\",\"$insert_id\":\"%016" PRIx64
        "%016" PRIx64 "\",\"country\":\"%s\",\"plan\":\"%s\",\"browser\":"
        "\"%s\",\"amount\":%" PRIu64 ".%02" PRIu64
        ",\"page\":\"/products/%" PRIu64 "\",\"session\":%" PRIu64
        ",\"mobile\":%s,\"$city\":\"M\xc3\xbcnchen\"}}\n",
        events[x >> 5 & 7], time, (x >> 10) % 200000, id, x,
        countries[x >> 20 & 7], plans[x >> 23 & 3], browsers[x >> 25 & 3],
        (x >> 30) % 500, (x >> 40) % 100, (x >> 33) % 5000, (x >> 12) % 1000000,
        (x & 64) != 0 ? "true" : "false");
}

int main(int argc, char **argv)
{
    if (argc != 5)
        bench_die("events_make FILE COUNT SEED DUPLICATES-PER-CENT");
    long count = bench_count(argv[2]);
    uint64_t state =
        UINT64_C(0x2545F4914F6CDD1D) * ((uint64_t)bench_count(argv[3]) + 1);
    uint64_t duplicates = (uint64_t)bench_count(argv[4]);
    uint64_t *ring = malloc(RING * sizeof(*ring));
    FILE *file = fopen(argv[1], "wb");
    if (ring == NULL || file == NULL)
        bench_die(argv[1]);
    uint64_t made = 0;
    for (long i = 0; i < count; i++) {
        uint64_t id = next(&state);
        if (made > 0 && next(&state) % 100 < duplicates)
            id = ring[next(&state) % (made < RING ? made : RING)];
        else
            ring[made++ % RING] = id;
        write_event(file, id,
            UINT64_C(1704067200) +
                (uint64_t)i * UINT64_C(7776000) / (uint64_t)count);
    }
    free(ring);
    if (fclose(file) != 0)
        bench_die(argv[1]);
    return 0;
}
