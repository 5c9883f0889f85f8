// SPDX-License-Identifier: Apache-2.0
/*
 * The first and only program of the machine.
 *
 * It does what it is told over /dev/tcpsim and knows nothing of scenarios, of
 * namespaces or of TCP: it makes raw system calls, itself or in worker
 * processes, passes on what the TUN devices send, and lets virtual time go by.
 * All meaning is on the other side of the line.
 *
 * A request is a length and then commands; the answer is a length, the time,
 * and what has happened since. All numbers are little endian, as x86-64 is.
 *
 *	CALL    slot nr args[6] pointers out at n data m offset...   a system call
 *	SPAWN   slot                             a worker, forked from the agent
 *	WATCH   n fd...                          the TUN devices to read
 *	ADVANCE until                            sleep, at most until then
 *
 *	RESULT  slot value n data                a call has returned
 *	FRAME   fd n data                        a TUN device has sent this
 *	EXITED  slot pid status                  a worker has ended
 *	TRACED  n text                           lines of the kernel's tracer
 *
 * Slot 0 is the agent. A call in a worker is over, or blocked, when the agent
 * runs again: a worker that was woken has the higher real-time priority and goes
 * first. No virtual time passes meanwhile, for the clock stands while anything
 * runs.
 *
 * No C library: fork copies as little as can be, and nothing but the compiler
 * is needed to build it.
 */
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/mman.h>
#include <linux/poll.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/signalfd.h>
#include <linux/stat.h>
#include <linux/time.h>
#include <linux/timerfd.h>
#include <linux/wait.h>

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;
typedef long s64;

/* The numbers are shared with wire.go. */
enum { CALL = 1, SPAWN = 2, WATCH = 3, ADVANCE = 4 };
enum { RESULT = 1, FRAME = 2, EXITED = 3, TRACED = 4 };

/* Calls that are none of the kernel's: the worker makes another of itself. */
#define CALL_FORK 0x10000
#define CALL_THREAD 0x10001

/* Of what a call was to give back, only as much as it says it has: recv. */
#define AS_RETURNED 0x80000000U

#define SLOTS 64
#define DATA (4UL << 20)	/* a worker's memory for what calls read and write */
#define STACK 16384		/* of a thread */
#define SLOT (DATA + STACK + 4096)
#define TUNS 8

/*
 * The agent's own descriptors lie out of the way: programs under test count
 * theirs from 3.
 */
#define FD_DONE 900	/* the end of the pipe that a worker writes its slot to */
#define FD_OWN 901	/* the agent's, from here on */

struct call {
	u64 nr, args[6];
	s64 value;
	u32 state;	/* the futex: IDLE, MAKE or BORN */
	u32 out, at;	/* how many bytes of the data go back, and from where */
};

enum { IDLE = 0, MAKE = 1, BORN = 2 };

struct slot {
	u8 data[DATA];
	u8 stack[STACK];
	union {
		struct call call;
		u8 page[4096];
	};
};

static struct slot *slots;
static int pids[SLOTS];
static u8 busy[SLOTS];
static int line, done, timer, ended, trace;
static int tuns[TUNS];
static int ntuns;

/* ---- system calls */

static s64 sys(u64 nr, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
	register u64 r10 asm("r10") = d, r8 asm("r8") = e, r9 asm("r9") = f;
	s64 ret;

	asm volatile("syscall"
		     : "=a"(ret)
		     : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
		     : "rcx", "r11", "memory");
	return ret;
}
#define P(x) ((u64)(x))
#define sys0(n) sys(n, 0, 0, 0, 0, 0, 0)
#define sys1(n, a) sys(n, P(a), 0, 0, 0, 0, 0)
#define sys2(n, a, b) sys(n, P(a), P(b), 0, 0, 0, 0)
#define sys3(n, a, b, c) sys(n, P(a), P(b), P(c), 0, 0, 0)
#define sys4(n, a, b, c, d) sys(n, P(a), P(b), P(c), P(d), 0, 0)
#define sys5(n, a, b, c, d, e) sys(n, P(a), P(b), P(c), P(d), P(e), 0)

/* The compiler makes calls to these out of assignments and loops. */
void *memcpy(void *to, const void *from, u64 n)
{
	void *start = to;

	asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
	return start;
}

void *memset(void *to, int c, u64 n)
{
	void *start = to;

	asm volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(c) : "memory");
	return start;
}

static void say(const char *text)
{
	u64 n = 0;

	while (text[n])
		n++;
	sys3(__NR_write, 2, text, n);
}

/* The machine stops; whoever reads its console learns why. */
static void __attribute__((noreturn)) die(const char *what)
{
	say("tcpsim agent: ");
	say(what);
	say("\n");
	sys4(__NR_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
	     LINUX_REBOOT_CMD_POWER_OFF, 0);
	for (;;)
		sys1(__NR_exit_group, 1);
}

/* own moves a descriptor out of the way of those of programs under test. */
static int own(s64 fd, const char *what)
{
	s64 high;

	if (fd < 0)
		die(what);
	high = sys3(__NR_fcntl, fd, F_DUPFD_CLOEXEC, FD_OWN);
	if (high < 0)
		die(what);
	sys1(__NR_close, fd);
	return high;
}

/* ---- workers */

static void worker(int slot) __attribute__((noreturn));

/* thread makes a thread that runs worker(slot) on the stack of that slot. */
static s64 thread(int slot)
{
	u64 flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
		    CLONE_THREAD | CLONE_SYSVSEM;
	u64 *top = (u64 *)(slots[slot].stack + STACK);
	register u64 r10 asm("r10") = 0, r8 asm("r8") = 0;
	s64 ret;

	/* The new stack holds what the child pops: its argument and its way. */
	*--top = 0;
	*--top = P(worker);
	*--top = slot;
	asm volatile("syscall\n\t"
		     "test %%rax, %%rax\n\t"
		     "jnz 1f\n\t"
		     "pop %%rdi\n\t"
		     "ret\n"
		     "1:"
		     : "=a"(ret)
		     : "a"(__NR_clone), "D"(flags), "S"(top), "d"(0), "r"(r10), "r"(r8)
		     : "rcx", "r11", "memory");
	return ret;
}

static void report(int slot)
{
	u8 b = slot;

	sys3(__NR_write, FD_DONE, &b, 1);
}

/* A worker waits for a call, makes it, and reports. */
static void worker(int slot)
{
	struct call *c = &slots[slot].call;

	for (;;) {
		while (__atomic_load_n(&c->state, __ATOMIC_ACQUIRE) != MAKE)
			sys4(__NR_futex, &c->state, FUTEX_WAIT, IDLE, 0);
		if (c->nr == CALL_FORK) {
			/* The agent is the parent of all: it learns of their end. */
			s64 pid = sys5(__NR_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

			if (pid == 0) {
				slot = c->args[0];
				c = &slots[slot].call;
				continue;
			}
			c->value = pid;
		} else if (c->nr == CALL_THREAD) {
			c->value = thread(c->args[0]);
		} else {
			c->value = sys(c->nr, c->args[0], c->args[1], c->args[2],
				       c->args[3], c->args[4], c->args[5]);
		}
		__atomic_store_n(&c->state, IDLE, __ATOMIC_RELEASE);
		report(slot);
	}
}

/*
 * Real time lets a worker that wakes run before the agent goes on; children
 * inherit it. The agent has a lower priority, but not that of an ordinary task:
 * those are now and then given time before others (the fair server of Linux
 * 6.12), and then a worker that was woken has not yet run when the agent looks.
 */
#define AGENT_PRIORITY 1
#define WORKER_PRIORITY 10

static void real_time(int priority)
{
	if (sys3(__NR_sched_setscheduler, 0, SCHED_FIFO, &priority) < 0)
		die("no real-time priority");
}

/* fresh forgets whoever had the slot before: a thread ends without a word. */
static void fresh(int slot)
{
	slots[slot].call.state = IDLE;
	busy[slot] = pids[slot] = 0;
}

/* Returns when the worker waits for its first call. */
static s64 spawn(int slot)
{
	u32 *state = &slots[slot].call.state;
	s64 pid;

	fresh(slot);
	*state = BORN;
	pid = sys5(__NR_clone, SIGCHLD, 0, 0, 0, 0);
	if (pid == 0) {
		u64 none = 0;

		/* What is the agent's must not live on in its children. */
		sys3(__NR_close_range, 3, FD_DONE - 1, 0);
		sys3(__NR_close_range, FD_OWN, ~0U, 0);
		sys4(__NR_rt_sigprocmask, SIG_SETMASK, &none, 0, sizeof(none));
		real_time(WORKER_PRIORITY);
		__atomic_store_n(state, IDLE, __ATOMIC_RELEASE);
		sys3(__NR_futex, state, FUTEX_WAKE, 1);
		worker(slot);
	}
	if (pid < 0)
		return pid;
	pids[slot] = pid;
	while (__atomic_load_n(state, __ATOMIC_ACQUIRE) == BORN)
		sys4(__NR_futex, state, FUTEX_WAIT, BORN, 0);
	return pid;
}

/* ---- the line */

#define ROOM (24UL << 20)
static u8 *in, *out;	/* the request; the answer */
static u64 outn;

static void room(u64 n)
{
	if (outn + n > ROOM)
		die("the answer does not fit");
}

static void put32(u32 v)
{
	room(4);
	memcpy(out + outn, &v, 4);
	outn += 4;
}

static void put64(u64 v)
{
	room(8);
	memcpy(out + outn, &v, 8);
	outn += 8;
}

static void put(const void *p, u64 n)
{
	room(n);
	memcpy(out + outn, p, n);
	outn += n;
}

static void recv_all(u8 *p, u64 n)
{
	while (n > 0) {
		s64 k = sys3(__NR_read, line, p, n);

		if (k <= 0)
			die("the line has ended");
		p += k;
		n -= k;
	}
}

static void send_all(u8 *p, u64 n)
{
	while (n > 0) {
		s64 k = sys3(__NR_write, line, p, n);

		if (k <= 0)
			die("the line has ended");
		p += k;
		n -= k;
	}
}

/* ---- what happens */

static void put_result(int slot)
{
	struct call *c = &slots[slot].call;
	u32 n;

	busy[slot] = 0;
	if (c->nr == CALL_FORK && c->value > 0)
		pids[c->args[0]] = c->value;
	put32(RESULT);
	put32(slot);
	put64(c->value);
	n = c->out & ~AS_RETURNED;
	if (c->out & AS_RETURNED && c->value < (s64)n)
		n = c->value < 0 ? 0 : c->value;
	if (c->at > DATA || n > DATA - c->at)
		die("a result out of bounds");
	put32(n);
	put(slots[slot].data + c->at, n);
}

static void read_tun(int fd)
{
	for (;;) {
		s64 n;

		room(12 + 65536);
		n = sys3(__NR_read, fd, out + outn + 12, 65536);
		if (n <= 0)
			return;
		put32(FRAME);
		put32(fd);
		put32(n);
		outn += n;
	}
}

static void read_done(void)
{
	u8 ids[SLOTS];
	s64 n = sys3(__NR_read, done, ids, sizeof(ids)), i;

	for (i = 0; i < n; i++)
		if (busy[ids[i]])
			put_result(ids[i]);
}

static void reap(void)
{
	struct signalfd_siginfo info;
	int status, slot;
	s64 pid;

	sys3(__NR_read, ended, &info, sizeof(info));
	while ((pid = sys4(__NR_wait4, -1, &status, WNOHANG | __WALL, 0)) > 0) {
		for (slot = 1; slot < SLOTS && pids[slot] != pid; slot++)
			;
		if (slot < SLOTS)
			pids[slot] = busy[slot] = 0;
		else
			slot = 0;
		put32(EXITED);
		put32(slot);
		put32(pid);
		put32(status);
	}
}

static void read_trace(void)
{
	for (;;) {
		s64 n;

		room(8 + 65536);
		n = sys3(__NR_read, trace, out + outn + 8, 65536);
		if (n <= 0)
			return;
		put32(TRACED);
		put32(n);
		outn += n;
	}
}

/*
 * Hands over all that has happened; sleeps first, until something does or the
 * timer fires, if it may. A segment that a call sent comes before the call's
 * result, and the result before the end of the process.
 */
static void collect(int sleep)
{
	struct pollfd p[TUNS + 3];
	u64 before = outn, ticks;
	int i, n;

	for (;;) {
		for (i = 0; i < ntuns; i++)
			p[i] = (struct pollfd){ tuns[i], POLLIN, 0 };
		p[i++] = (struct pollfd){ done, POLLIN, 0 };
		p[i++] = (struct pollfd){ ended, POLLIN, 0 };
		p[i++] = (struct pollfd){ timer, POLLIN, 0 };
		n = sys3(__NR_poll, p, i, sleep ? -1 : 0);
		if (n <= 0)
			return;
		for (i = 0; i < ntuns; i++)
			if (p[i].revents)
				read_tun(tuns[i]);
		if (p[ntuns].revents)
			read_done();
		if (p[ntuns + 1].revents)
			reap();
		if (p[ntuns + 2].revents)
			sys3(__NR_read, timer, &ticks, sizeof(ticks));
		if (p[ntuns + 2].revents || outn > before)
			sleep = 0;
	}
}

static void advance(u64 until)
{
	struct itimerspec at = { { 0, 0 },
				 { until / 1000000000, until % 1000000000 } };

	if (until == 0)
		at.it_value.tv_nsec = 1;
	sys4(__NR_timerfd_settime, timer, TFD_TIMER_ABSTIME, &at, 0);
	collect(1);
	at.it_value.tv_sec = at.it_value.tv_nsec = 0;
	sys4(__NR_timerfd_settime, timer, 0, &at, 0);
}

struct cursor {
	u8 *p, *end;
};

static void take(struct cursor *c, void *to, u64 n)
{
	if ((u64)(c->end - c->p) < n)
		die("a request is short");
	memcpy(to, c->p, n);
	c->p += n;
}

static u32 take32(struct cursor *c)
{
	u32 v;

	take(c, &v, 4);
	return v;
}

static u64 take64(struct cursor *c)
{
	u64 v;

	take(c, &v, 8);
	return v;
}

static int take_slot(struct cursor *c)
{
	u32 slot = take32(c);

	if (slot >= SLOTS)
		die("no such slot");
	return slot;
}

static void make_call(struct cursor *in)
{
	int slot = take_slot(in), i;
	struct call *c = &slots[slot].call;
	u32 pointers, n;

	if (busy[slot])
		die("a worker makes one call at a time");
	c->nr = take64(in);
	for (i = 0; i < 6; i++)
		c->args[i] = take64(in);
	pointers = take32(in);
	for (i = 0; i < 6; i++)
		if (pointers & 1 << i)
			c->args[i] += P(slots[slot].data);
	c->out = take32(in);
	c->at = take32(in);
	n = take32(in);
	if (n > DATA)
		die("a call's data does not fit");
	take(in, slots[slot].data, n);
	/* A word in the data may be an address in it, as an iovec's base is. */
	for (n = take32(in); n > 0; n--) {
		u32 at = take32(in);
		u64 v;

		if (at > DATA - 8)
			die("an address out of bounds");
		memcpy(&v, slots[slot].data + at, 8);
		v += P(slots[slot].data);
		memcpy(slots[slot].data + at, &v, 8);
	}
	if (c->nr == CALL_FORK || c->nr == CALL_THREAD) {
		if (c->args[0] == 0 || c->args[0] >= SLOTS)
			die("no such slot");
		fresh(c->args[0]);
	}
	busy[slot] = 1;
	if (slot == 0) {
		c->value = sys(c->nr, c->args[0], c->args[1], c->args[2],
			       c->args[3], c->args[4], c->args[5]);
		/* A frame that the call brought about comes first here, too. */
		collect(0);
		put_result(0);
		return;
	}
	__atomic_store_n(&c->state, MAKE, __ATOMIC_RELEASE);
	sys3(__NR_futex, &c->state, FUTEX_WAKE, 1);
}

static void serve(u64 n)
{
	struct cursor c = { in, in + n };
	struct timespec now;
	u32 op;
	u64 i;

	outn = 4;
	put64(0);
	while (c.p < c.end) {
		op = take32(&c);
		switch (op) {
		case CALL:
			make_call(&c);
			break;
		case SPAWN: {
			int slot = take_slot(&c);
			s64 pid = spawn(slot);

			put32(RESULT);
			put32(slot);
			put64(pid);
			put32(0);
			break;
		}
		case WATCH:
			ntuns = take32(&c);
			if (ntuns > TUNS)
				die("too many devices");
			for (i = 0; i < (u64)ntuns; i++)
				tuns[i] = take32(&c);
			break;
		case ADVANCE:
			advance(take64(&c));
			break;
		default:
			die("an unknown command");
		}
		collect(0);
	}
	if (trace >= 0)
		read_trace();
	sys2(__NR_clock_gettime, CLOCK_MONOTONIC, &now);
	i = now.tv_sec * 1000000000UL + now.tv_nsec;
	memcpy(out + 4, &i, 8);
	op = outn - 4;
	memcpy(out, &op, 4);
	send_all(out, outn);
}

/* ---- init */

static void *memory(u64 n, int flags)
{
	s64 p = sys(__NR_mmap, 0, n, PROT_READ | PROT_WRITE,
		    flags | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p < 0 && p > -4096)
		die("no memory");
	return (void *)p;
}

static void put_file(const char *path, const char *text)
{
	u64 n = 0;
	s64 fd = sys2(__NR_open, path, O_WRONLY);

	while (text[n])
		n++;
	if (fd < 0 || sys3(__NR_write, fd, text, n) < 0) {
		say(path);
		die(": cannot be written");
	}
	sys1(__NR_close, fd);
}

void __attribute__((noreturn)) start(void)
{
	u64 chld = 1UL << (SIGCHLD - 1);
	int ends[2], i;
	u32 n;

	/* Descriptors 0 to 2 are taken, so that the next is 3. */
	do
		i = sys2(__NR_open, "/dev/null", O_RDWR);
	while (i >= 0 && i < 3);
	sys1(__NR_close, i);
	sys5(__NR_mount, "proc", "/proc", "proc", 0, 0);
	sys5(__NR_mount, "sysfs", "/sys", "sysfs", 0, 0);
	sys5(__NR_mount, "tracefs", "/sys/kernel/tracing", "tracefs", 0, 0);

	slots = memory(SLOTS * sizeof(struct slot), MAP_SHARED);
	in = memory(ROOM, MAP_PRIVATE);
	out = memory(ROOM, MAP_PRIVATE);

	line = own(sys2(__NR_open, "/dev/tcpsim", O_RDWR), "no line");
	if (sys2(__NR_pipe2, ends, O_NONBLOCK) < 0)
		die("no pipe");
	done = own(ends[0], "no pipe");
	if (sys2(__NR_dup2, ends[1], FD_DONE) < 0)
		die("no pipe");
	sys1(__NR_close, ends[1]);
	timer = own(sys2(__NR_timerfd_create, CLOCK_MONOTONIC, TFD_NONBLOCK), "no timer");
	sys4(__NR_rt_sigprocmask, SIG_BLOCK, &chld, 0, sizeof(chld));
	ended = own(sys4(__NR_signalfd4, -1, &chld, sizeof(chld), SFD_NONBLOCK), "no signalfd");
	trace = own(sys2(__NR_open, "/sys/kernel/tracing/trace_pipe", O_RDONLY | O_NONBLOCK),
		    "no trace");
	/* No slack: a sleep ends at its instant. */
	sys2(__NR_prctl, 29 /* PR_SET_TIMERSLACK */, 1);
	/* A worker may run as long as it likes: the clock stands meanwhile. */
	put_file("/proc/sys/kernel/sched_rt_runtime_us", "-1");
	real_time(AGENT_PRIORITY);

	for (;;) {
		recv_all((u8 *)&n, 4);
		if (n > ROOM)
			die("a request does not fit");
		recv_all(in, n);
		serve(n);
	}
}

asm(".globl _start\n"
    "_start:\n"
    "	xor %ebp, %ebp\n"
    "	and $-16, %rsp\n"
    "	call start\n");
