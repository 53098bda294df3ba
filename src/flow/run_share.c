/* How memory is split between steps that run at the same time; each may use all
 * threads. */
#include "flow/run_internal.h"
#include "os/process.h"

#define DEFAULT_MEMORY_BYTES 2000000000U
#define LEAST_MEMORY_BYTES ((uint64_t)32 * 1024 * 1024)

/* Does `later` need `earlier`, by whatever way?  Needs have smaller indexes. */
static bool depends(const tarn__flow *flow, size_t later, size_t earlier)
{
    if (later == earlier)
        return true;
    const tarn__flow_step *step = &flow->steps[later];
    for (size_t i = 0; later > earlier && i < step->need_count; i++)
        if (depends(flow, step->needs[i].step, earlier))
            return true;
    return false;
}

/* A step shares with those that neither need it nor are needed by it, and of
 * these at most so many run at once: what they are given never exceeds what
 * the run has. */
void tarn__run_share(
    const tarn__run *run, size_t step, uint64_t *memory_bytes, int *threads)
{
    const tarn__flow *flow = run->flow;
    const tarn_flow_run_options *o = run->options;
    int all = o->threads > 0 ? o->threads : tarn__cpu_count();
    int jobs = o->jobs > 0 ? o->jobs : tarn__cpu_count();
    int beside = 1;
    for (size_t i = 0; i < flow->step_count && beside < jobs; i++)
        if (!depends(flow, i, step) && !depends(flow, step, i))
            beside++;
    uint64_t memory =
        o->memory_bytes == 0 ? DEFAULT_MEMORY_BYTES : o->memory_bytes;
    *memory_bytes = memory / (uint64_t)beside;
    if (*memory_bytes < LEAST_MEMORY_BYTES)
        *memory_bytes = LEAST_MEMORY_BYTES;
    /* A short step beside a long one would leave its processors idle. */
    *threads = all;
}
