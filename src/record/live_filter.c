/* Filters below the decode: which rows need not be given.
 *
 * A filter's answer for a row is the set of what it can be: true, false, NULL.
 * What only DuckDB can tell can be all three.  A row is left out when true is
 * not among them; DuckDB filters again what is given. */
#include <string.h>

#include "base/str.h"
#include "record/live.h"

enum { CAN_ANY = TARN__CAN_FALSE | TARN__CAN_NULL | TARN__CAN_TRUE };

static unsigned both(unsigned a, unsigned b)
{
    unsigned can = (a | b) & TARN__CAN_FALSE;
    can |= a & b & TARN__CAN_TRUE;
    if (((a & TARN__CAN_NULL) != 0 && (b & ~1u) != 0) ||
        ((b & TARN__CAN_NULL) != 0 && (a & ~1u) != 0))
        can |= TARN__CAN_NULL;
    return can;
}

static unsigned not_of(unsigned a)
{
    unsigned can = a & TARN__CAN_NULL;
    if ((a & TARN__CAN_TRUE) != 0)
        can |= TARN__CAN_FALSE;
    if ((a & TARN__CAN_FALSE) != 0)
        can |= TARN__CAN_TRUE;
    return can;
}

static unsigned either(unsigned a, unsigned b)
{
    return not_of(both(not_of(a), not_of(b)));
}

static unsigned truth(bool yes)
{
    return yes ? TARN__CAN_TRUE : TARN__CAN_FALSE;
}

static int compare(const tarn__live_datum *a, const tarn__live_datum *b)
{
    if (a->tag == TARN__LIVE_BYTES)
        return tarn__slice_cmp(a->bytes, b->bytes);
    if (a->tag == TARN__LIVE_F64)
        return a->f64 < b->f64 ? -1 : a->f64 > b->f64;
    return a->i64 < b->i64 ? -1 : a->i64 > b->i64;
}

static bool begins(const tarn__live_datum *value, const tarn__live_datum *with)
{
    return value->bytes.len >= with->bytes.len &&
        memcmp(value->bytes.ptr, with->bytes.ptr, with->bytes.len) == 0;
}

static unsigned run_in(
    const tarn__live_filter *f, const tarn__live_datum *value)
{
    unsigned can = TARN__CAN_FALSE;
    for (size_t i = 0; i < f->value_count; i++) {
        if (f->values[i].tag == TARN__LIVE_NULL)
            can = TARN__CAN_NULL;
        else if (compare(value, &f->values[i]) == 0)
            return TARN__CAN_TRUE;
    }
    return can;
}

static unsigned run_value(
    const tarn__live_filter *f, const tarn__live_datum *value)
{
    if (f->op == TARN__LIVE_IS_NULL)
        return truth(value->tag == TARN__LIVE_NULL);
    if (value->tag == TARN__LIVE_NULL)
        return TARN__CAN_NULL;
    if (f->op == TARN__LIVE_IN)
        return run_in(f, value);
    const tarn__live_datum *with = &f->values[0];
    if (with->tag == TARN__LIVE_NULL)
        return TARN__CAN_NULL;
    if (f->op == TARN__LIVE_PREFIX)
        return truth(begins(value, with));
    if (f->op == TARN__LIVE_START)
        return begins(value, with) ? CAN_ANY : TARN__CAN_FALSE;
    int order = compare(value, with);
    switch (f->op) {
    case TARN__LIVE_EQ:
        return truth(order == 0);
    case TARN__LIVE_NE:
        return truth(order != 0);
    case TARN__LIVE_LT:
        return truth(order < 0);
    case TARN__LIVE_LE:
        return truth(order <= 0);
    case TARN__LIVE_GT:
        return truth(order > 0);
    default:
        return truth(order >= 0);
    }
}

static tarn_status run_leaf(const tarn__live_filter *f,
    const tarn__live_row *row, unsigned *can, tarn_error *err)
{
    tarn__live_datum value;
    const tarn__live_column *column = &row->columns[f->column];
    tarn_status st =
        tarn__live_value(column, tarn__live_slot(row->map, f->column), row->row,
            row->id, row->scratch, &value, err);
    bool known = true;
    if (st == TARN_OK && column->kind == TARN__LIVE_PATH)
        st = tarn__live_text(value.bytes, row->scratch, &value, &known, err);
    if (st != TARN_OK)
        return st;
    if (known)
        *can = run_value(f, &value);
    else if (f->op == TARN__LIVE_IS_NULL)
        *can = TARN__CAN_FALSE;
    return TARN_OK;
}

tarn_status tarn__live_filter_run(const tarn__live_filter *filter,
    const tarn__live_row *row, unsigned *can, tarn_error *err)
{
    tarn_status st = TARN_OK;
    unsigned one;
    bool all = filter->op == TARN__LIVE_AND;
    switch (filter->op) {
    case TARN__LIVE_UNKNOWN:
        *can = CAN_ANY;
        return TARN_OK;
    case TARN__LIVE_NOT:
        st = tarn__live_filter_run(filter->children[0], row, &one, err);
        *can = st == TARN_OK ? not_of(one) : CAN_ANY;
        return st;
    case TARN__LIVE_AND:
    case TARN__LIVE_OR:
        break;
    default:
        *can = CAN_ANY;
        return run_leaf(filter, row, can, err);
    }
    unsigned done = all ? TARN__CAN_FALSE : TARN__CAN_TRUE;
    *can = all ? TARN__CAN_TRUE : TARN__CAN_FALSE;
    for (size_t i = 0; i < filter->child_count && *can != done; i++) {
        st = tarn__live_filter_run(filter->children[i], row, &one, err);
        if (st != TARN_OK)
            return st;
        *can = all ? both(*can, one) : either(*can, one);
    }
    return TARN_OK;
}

bool tarn__live_filter_uses(const tarn__live_filter *filter, size_t column)
{
    if (filter->child_count == 0)
        return filter->op != TARN__LIVE_UNKNOWN &&
            filter->op != TARN__LIVE_AND && filter->op != TARN__LIVE_OR &&
            filter->column == column;
    for (size_t i = 0; i < filter->child_count; i++)
        if (tarn__live_filter_uses(filter->children[i], column))
            return true;
    return false;
}
