/* scenario.c - see scenario.h. */
#include "scenario.h"

#include <check.h>
#include <stdio.h>

static int add(scenario_case *out, int count, scenario_case c)
{
    ck_assert_int_lt(count, SCENARIO_CASES_MAX);
    out[count] = c;
    return count + 1;
}

/* Done for the first time with its handle; done again; with nothing there. */
static int add_all(scenario_case *out, int count, const scenario *list)
{
    for (; list->name; list++) {
        count = add(out, count, (scenario_case){list, false, list->image});
        if (list->traits & SCENARIO_OPENS)
            continue;
        count = add(out, count, (scenario_case){list, true, list->image});
        if (list->traits & SCENARIO_EMPTY)
            count = add(out, count, (scenario_case){list, false, SCENE_EMPTY});
    }
    return count;
}

int scenario_cases(scenario_case out[SCENARIO_CASES_MAX])
{
    int count = add_all(out, 0, scenario_opens);
    count = add_all(out, count, scenario_looks);
    count = add_all(out, count, scenario_reads);
    count = add_all(out, count, scenario_writes);
    return add_all(out, count, scenario_changes);
}

const char *scenario_case_name(const scenario_case *c, char out[128])
{
    snprintf(out, 128, "%s%s%s", c->what->name, c->warm ? ", warm" : "",
             c->image == SCENE_EMPTY ? ", of nothing" : "");
    return out;
}
