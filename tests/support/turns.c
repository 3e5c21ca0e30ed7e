/* turns.c - see turns.h. */
#include "turns.h"

#include <stdio.h>
#include <time.h>

#define PATIENCE_S 30
#define STOPS      (GATE_READ | GATE_BEGIN | GATE_COMMIT)

/* ---- on the players' threads */

/* Stands still until it is sent on. */
static void stand(turns_player *p)
{
    turns *t = p->turns;
    p->moving = false;
    pthread_cond_broadcast(&t->changed);
    while (!p->moving)
        pthread_cond_wait(&t->changed, &t->mutex);
}

static void report(void *payload, gate_point point)
{
    turns_player *p = payload;
    if (!(STOPS & (unsigned)point))
        return;
    pthread_mutex_lock(&p->turns->mutex);
    p->at = point;
    p->stops++;
    stand(p);
    pthread_mutex_unlock(&p->turns->mutex);
}

static void *play(void *payload)
{
    turns_player *p = payload;
    p->rc = p->task(p->db, p->payload);
    snprintf(p->message, sizeof p->message, "%s", varsdb_errmsg(p->db));
    pthread_mutex_lock(&p->turns->mutex);
    p->done = true;
    p->moving = false;
    pthread_cond_broadcast(&p->turns->changed);
    pthread_mutex_unlock(&p->turns->mutex);
    return NULL;
}

/* ---- on the test's thread */

static bool is_settled(const turns *t)
{
    for (int i = 0; i < t->count; i++)
        if (t->players[i].moving)
            return false;
    return true;
}

static bool settle(turns *t)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += PATIENCE_S;
    int waited = 0;
    while (!is_settled(t) && waited == 0)
        waited = pthread_cond_timedwait(&t->changed, &t->mutex, &deadline);
    return is_settled(t);
}

void turns_add(turns *t, varsdb *db, turns_task task, void *payload)
{
    if (t->count == 0) {
        pthread_mutex_init(&t->mutex, NULL);
        pthread_cond_init(&t->changed, NULL);
    }
    turns_player *p = &t->players[t->count++];
    *p = (turns_player){.turns = t, .db = db, .task = task, .payload = payload};
    gate_install(&p->gate, db, report, p);
}

bool turns_start(turns *t)
{
    bool ok = true;
    pthread_mutex_lock(&t->mutex);
    for (int i = 0; ok && i < t->count; i++) {
        t->players[i].moving = true;
        ok = pthread_create(&t->players[i].thread, NULL, play, &t->players[i]) == 0 && settle(t);
    }
    pthread_mutex_unlock(&t->mutex);
    return ok;
}

static bool somebody_has_the_lock(const turns *t)
{
    for (int i = 0; i < t->count; i++)
        if (!t->players[i].done && t->players[i].at == GATE_COMMIT)
            return true;
    return false;
}

bool turns_can_move(turns *t, int i)
{
    pthread_mutex_lock(&t->mutex);
    const turns_player *p = &t->players[i];
    bool can = !p->done && !(p->at == GATE_BEGIN && somebody_has_the_lock(t));
    pthread_mutex_unlock(&t->mutex);
    return can;
}

bool turns_move(turns *t, int i)
{
    pthread_mutex_lock(&t->mutex);
    t->players[i].moving = true;
    pthread_cond_broadcast(&t->changed);
    bool ok = settle(t);
    pthread_mutex_unlock(&t->mutex);
    return ok;
}

bool turns_are_over(turns *t)
{
    bool over = true;
    pthread_mutex_lock(&t->mutex);
    for (int i = 0; i < t->count; i++)
        over = over && t->players[i].done;
    pthread_mutex_unlock(&t->mutex);
    return over;
}

void turns_end(turns *t)
{
    for (int i = 0; i < t->count; i++) {
        pthread_join(t->players[i].thread, NULL);
        gate_remove(&t->players[i].gate);
        varsdb_close(t->players[i].db);
    }
    pthread_mutex_destroy(&t->mutex);
    pthread_cond_destroy(&t->changed);
}
