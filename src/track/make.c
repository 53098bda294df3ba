/* Both states opened, a folder filled beside its place and put there. */
#include "track/make.h"

#include "track/out.h"

static tarn_status open_out(
    const tarn__track_making *m, tarn__track_out *out, tarn_error *err)
{
    tarn_status st =
        tarn__track_out_open(out, m->out, m->options->replace, err);
    if (st == TARN_OK)
        st = tarn__track_out_apart(out, m->current, m->in_place, err);
    if (st == TARN_OK)
        st = tarn__track_out_apart(out, m->previous, m->in_place, err);
    return st;
}

tarn_status tarn__track_make(const tarn__track_making *making, tarn_error *err)
{
    static const tarn_track_options defaults = TARN_TRACK_OPTIONS_INIT;
    tarn__track_scope scope;
    tarn__track_out out = TARN__TRACK_OUT_INIT;
    tarn__track_making m = *making;
    tarn_status st = TARN_OK;
    if (m.options == NULL)
        m.options = &defaults;
    if (m.out != NULL)
        st = open_out(&m, &out, err);
    if (st == TARN_OK)
        st = tarn__track_scope_open(
            &scope, m.current, m.previous, m.columns, m.options, err);
    if (st == TARN_OK) {
        st = m.fill(m.ctx, &scope, &m, out.stage, err);
        tarn__track_scope_close(&scope);
    }
    if (st == TARN_OK && m.out != NULL)
        st = tarn__track_out_publish(&out, err);
    tarn__track_out_close(&out);
    return st;
}
