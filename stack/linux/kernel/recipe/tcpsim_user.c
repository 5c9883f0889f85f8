// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
/*
 * What of the machine would otherwise differ from one start to the next: its
 * randomness, and the addresses at which its process lies.
 */
#include <stdlib.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

ssize_t getrandom(void *buf, size_t len, unsigned int flags);

/*
 * Everything random in a User-Mode Linux (initial sequence numbers, timestamp
 * offsets, ports, hash keys) stems from getrandom(2) of the host. This
 * definition takes the place of the C library's, for an object file comes
 * before a library: with TCPSIM_SEED in the environment every byte follows
 * from that number (splitmix64), without it the host is asked as ever.
 */
ssize_t getrandom(void *buf, size_t len, unsigned int flags)
{
	static unsigned long long state;
	static int seeded;
	unsigned char *p = buf;
	size_t i;

	if (!seeded) {
		const char *seed = getenv("TCPSIM_SEED");

		if (!seed)
			return syscall(SYS_getrandom, buf, len, flags);
		state = strtoull(seed, NULL, 0);
		seeded = 1;
	}
	for (i = 0; i < len; i++) {
		unsigned long long z = (state += 0x9e3779b97f4a7c15ULL);

		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
		p[i] = z ^ (z >> 31);
	}
	return len;
}

/*
 * The kernel adds the random gap between a program and its heap to its memory,
 * whose size would then differ each time. Before anything else runs, the
 * program starts itself again without such gaps.
 */
static void __attribute__((constructor)) lie_still(int argc, char **argv, char **envp)
{
	int now = personality(0xffffffff);

	(void)argc;
	if (now >= 0 && !(now & ADDR_NO_RANDOMIZE) &&
	    personality(now | ADDR_NO_RANDOMIZE) >= 0)
		execve("/proc/self/exe", argv, envp);
}
