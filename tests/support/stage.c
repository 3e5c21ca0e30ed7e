/* stage.c - see stage.h. */
#include "stage.h"

#include <stdio.h>
#include <time.h>

#define PATIENCE_S 30

/* ---- on the players' threads */

static void set_state(player *p, player_state state)
{
    p->state = state;
    pthread_cond_broadcast(&p->stage->changed);
}

static void report(void *payload, gate_point point)
{
    player *p = payload;
    stage *s = p->stage;
    pthread_mutex_lock(&s->mutex);
    p->writes = p->writes || (p->performing && (point == GATE_WRITE || point == GATE_COMMIT));
    if (p->performing && (point == GATE_BLOCKED || (s->stops & (unsigned)point))) {
        set_state(p, point == GATE_BLOCKED ? PLAYER_WAITING : PLAYER_STOPPED);
        while (p->state != PLAYER_MOVING && !p->quit)
            pthread_cond_wait(&s->changed, &s->mutex);
    }
    pthread_mutex_unlock(&s->mutex);
}

static void count(player *p)
{
    p->result.begins = p->gate.begins;
    p->result.writes = p->gate.writes;
    p->result.blocked = p->gate.blocked;
}

static void perform(player *p)
{
    const player_request *q = &p->request;
    player_result *r = &p->result;
    const varsdb_variable *v = NULL;
    const varsdb_variable_options *options =
        VARSDB_WITH(.shape = VARSDB_SHAPE(q->elements), .initializer = q->initializer, .reuse = q->reuse);
    *r = (player_result){0};
    p->gate.begins = p->gate.writes = p->gate.commits = p->gate.blocked = 0;
    r->rc = q->model ? varsdb_model_variable(p->db, q->name, options, &r->created, &v)
                     : varsdb_get_variable(p->db, q->name, options, &r->created, &v);
    snprintf(r->message, sizeof r->message, "%s", varsdb_errmsg(p->db));
    count(p);
    p->performing = false; /* what follows does not stop */
    if (r->rc != VARSDB_OK)
        return;
    r->id = varsdb_variable_id(v);
    r->read_rc = varsdb_read(p->db, v, r->value, (size_t)q->elements * sizeof(float));
}

static void *play(void *payload)
{
    player *p = payload;
    stage *s = p->stage;
    pthread_mutex_lock(&s->mutex);
    while (!p->quit) {
        if (p->state != PLAYER_MOVING) {
            pthread_cond_wait(&s->changed, &s->mutex);
            continue;
        }
        p->performing = true;
        pthread_mutex_unlock(&s->mutex);
        perform(p);
        pthread_mutex_lock(&s->mutex);
        p->writes = false;
        set_state(p, PLAYER_DONE);
    }
    pthread_mutex_unlock(&s->mutex);
    return NULL;
}

/* ---- on the test's thread */

static bool is_settled(const stage *s)
{
    for (int i = 0; i < s->count; i++)
        if (s->players[i].state == PLAYER_MOVING)
            return false;
    return true;
}

static bool settle(stage *s)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += PATIENCE_S;
    int waited = 0;
    while (!is_settled(s) && waited == 0)
        waited = pthread_cond_timedwait(&s->changed, &s->mutex, &deadline);
    return is_settled(s);
}

static bool start_player(stage *s, player *p, const char *path)
{
    p->stage = s;
    if (varsdb_open(path, NULL, &p->db) != VARSDB_OK) {
        fprintf(stderr, "stage: %s\n", varsdb_errmsg(p->db));
        varsdb_close(p->db);
        return false;
    }
    gate_install(&p->gate, p->db, report, p);
    p->gate.tells_blocked = true;
    if (pthread_create(&p->thread, NULL, play, p) == 0)
        return true;
    varsdb_close(p->db);
    return false;
}

static void stop_player(player *p)
{
    pthread_mutex_lock(&p->stage->mutex);
    p->quit = true;
    pthread_cond_broadcast(&p->stage->changed);
    pthread_mutex_unlock(&p->stage->mutex);
    pthread_join(p->thread, NULL);
    gate_remove(&p->gate);
    varsdb_close(p->db);
}

bool stage_open(stage *s, const char *path, unsigned stops, int count)
{
    *s = (stage){.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .stops = stops};
    while (s->count < count && start_player(s, &s->players[s->count], path))
        s->count++;
    if (s->count == count)
        return true;
    stage_close(s);
    return false;
}

void stage_close(stage *s)
{
    while (s->count > 0)
        stop_player(&s->players[--s->count]);
}

bool stage_prepare(stage *s, const player_request *requests)
{
    bool ok = true;
    pthread_mutex_lock(&s->mutex);
    for (int i = 0; i < s->count; i++)
        s->players[i].state = PLAYER_IDLE;
    for (int i = 0; ok && i < s->count; i++) {
        s->players[i].request = requests[i];
        set_state(&s->players[i], PLAYER_MOVING);
        ok = settle(s);
    }
    pthread_mutex_unlock(&s->mutex);
    return ok;
}

static bool is_locked(const stage *s)
{
    for (int i = 0; i < s->count; i++)
        if (s->players[i].writes)
            return true;
    return false;
}

bool stage_can_move(stage *s, int i)
{
    pthread_mutex_lock(&s->mutex);
    player_state state = s->players[i].state;
    bool can = state == PLAYER_STOPPED || (state == PLAYER_WAITING && !is_locked(s));
    pthread_mutex_unlock(&s->mutex);
    return can;
}

bool stage_is_over(stage *s)
{
    bool over = true;
    pthread_mutex_lock(&s->mutex);
    for (int i = 0; i < s->count; i++)
        over = over && s->players[i].state == PLAYER_DONE;
    pthread_mutex_unlock(&s->mutex);
    return over;
}

bool stage_move(stage *s, int i)
{
    pthread_mutex_lock(&s->mutex);
    set_state(&s->players[i], PLAYER_MOVING);
    bool ok = settle(s);
    pthread_mutex_unlock(&s->mutex);
    return ok;
}
