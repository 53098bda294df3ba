/* What is known of every table of the current scope, in a scratch RocksDB. */
#ifndef TARN_TRACK_STATES_H
#define TARN_TRACK_STATES_H

#include "base/hash.h"
#include "os/scratch.h"
#include "track/record.h"

typedef struct tarn__track_states tarn__track_states;

typedef struct tarn__track_state {
    bool known;     /* the current scope has it; else all is false */
    bool same;      /* the previous state has it, with the same type */
    bool extracted; /* the current columns name it */
    tarn__track_label label;
    uint64_t at; /* of the record that counts */
} tarn__track_state;

/* So few need no database. */
#define TARN__TRACK_FEW_STATES 2000
/* So many are kept in memory before it, the first in order: 64 MiB. */
#define TARN__TRACK_NEAR_STATES ((size_t)2 << 20)

/* `near`: as above, but for tests. */
TARN_MUST_CHECK tarn_status tarn__track_states_create(tarn__scratch *scratch,
    size_t near, tarn__track_states **out, tarn_error *err);
/* `known` ones, in rising order of the hashes, all before the first look. */
TARN_MUST_CHECK tarn_status tarn__track_states_add(tarn__track_states *states,
    tarn__hash128 name, const tarn__track_state *state, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__track_states_seal(
    tarn__track_states *states, tarn_error *err);
void tarn__track_states_free(tarn__track_states *states);

/* One thread's way to them, which remembers what it saw last. */
typedef struct tarn__track_look tarn__track_look;
TARN_MUST_CHECK tarn_status tarn__track_look_create(tarn__track_states *states,
    const uint64_t key[2], tarn__track_look **out, tarn_error *err);
/* *state is borrowed until the next call. */
TARN_MUST_CHECK tarn_status tarn__track_look_up(tarn__track_look *look,
    tarn_slice name, const tarn__track_state **state, tarn_error *err);
void tarn__track_look_free(tarn__track_look *look);

#endif
