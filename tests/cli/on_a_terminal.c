/*
 * on_a_terminal.c - runs a command with a terminal as its standard output, and prints what came there:
 *
 *     on_a_terminal ROWS COLUMNS COMMAND [ARGUMENT...]
 *
 * Its standard input and error stay as they are; its exit status is that of the command.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int open_terminal(const char *rows, const char *columns, int *shown_on)
{
    struct winsize size = {.ws_row = (unsigned short)atoi(rows), .ws_col = (unsigned short)atoi(columns)};
    struct termios plain;
    int screen = posix_openpt(O_RDWR | O_NOCTTY);
    if (screen < 0 || grantpt(screen) != 0 || unlockpt(screen) != 0)
        return -1;
    *shown_on = open(ptsname(screen), O_RDWR | O_NOCTTY);
    if (*shown_on < 0 || tcgetattr(*shown_on, &plain) != 0)
        return -1;
    plain.c_oflag &= ~(tcflag_t)OPOST; /* bytes as they were printed */
    if (tcsetattr(*shown_on, TCSANOW, &plain) != 0 || ioctl(*shown_on, TIOCSWINSZ, &size) != 0)
        return -1;
    return screen;
}

int main(int argc, char **argv)
{
    char text[4096];
    ssize_t n;
    int shown_on = -1, status = 0, screen = argc > 3 ? open_terminal(argv[1], argv[2], &shown_on) : -1;
    if (screen < 0) {
        fputs("on_a_terminal: there is none\n", stderr);
        return 125;
    }
    pid_t child = fork();
    if (child == 0) {
        dup2(shown_on, STDOUT_FILENO);
        close(screen);
        close(shown_on);
        execvp(argv[3], argv + 3);
        _exit(127);
    }
    close(shown_on);
    while ((n = read(screen, text, sizeof text)) > 0)
        fwrite(text, 1, (size_t)n, stdout);
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 125;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
