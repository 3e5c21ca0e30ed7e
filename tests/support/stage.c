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
    if (p->performing && point == GATE_BLOCKED) {
        set_state(p, PLAYER_WAITING);
    } else if (p->performing && point == GATE_GRANTED) {
        set_state(p, PLAYER_MOVING);
    } else if (p->performing && (s->stops & (unsigned)point)) {
        set_state(p, PLAYER_STOPPED);
        while (p->state == PLAYER_STOPPED && !p->quit)
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
        set_state(p, PLAYER_DONE);
    }
    pthread_mutex_unlock(&s->mutex);
    return NULL;
}

/* ---- on the test's thread */

/* Whoever waits for the lock gets it as soon as the other is done. */
static bool is_settled(const stage *s)
{
    player_state a = s->players[0].state, b = s->players[1].state;
    if (a == PLAYER_MOVING || b == PLAYER_MOVING)
        return false;
    return !(a == PLAYER_WAITING && b == PLAYER_DONE) && !(a == PLAYER_DONE && b == PLAYER_WAITING);
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

bool stage_open(stage *s, const char *path, unsigned stops)
{
    *s = (stage){.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .stops = stops};
    if (!start_player(s, &s->players[0], path))
        return false;
    if (start_player(s, &s->players[1], path))
        return true;
    stop_player(&s->players[0]);
    return false;
}

void stage_close(stage *s)
{
    stop_player(&s->players[0]);
    stop_player(&s->players[1]);
}

bool stage_prepare(stage *s, const player_request requests[2])
{
    bool ok = true;
    pthread_mutex_lock(&s->mutex);
    for (int i = 0; i < 2; i++)
        s->players[i].state = PLAYER_IDLE;
    for (int i = 0; ok && i < 2; i++) {
        s->players[i].request = requests[i];
        set_state(&s->players[i], PLAYER_MOVING);
        ok = settle(s);
    }
    pthread_mutex_unlock(&s->mutex);
    return ok;
}

static bool is_in(stage *s, int i, player_state state)
{
    pthread_mutex_lock(&s->mutex);
    bool is = s->players[i].state == state;
    pthread_mutex_unlock(&s->mutex);
    return is;
}

bool stage_can_move(stage *s, int i)
{
    return is_in(s, i, PLAYER_STOPPED);
}

bool stage_is_over(stage *s)
{
    return is_in(s, 0, PLAYER_DONE) && is_in(s, 1, PLAYER_DONE);
}

bool stage_move(stage *s, int i)
{
    pthread_mutex_lock(&s->mutex);
    set_state(&s->players[i], PLAYER_MOVING);
    bool ok = settle(s);
    pthread_mutex_unlock(&s->mutex);
    return ok;
}
