// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
/*
 * /dev/tcpsim: the line between the agent and the program that started this
 * kernel.
 *
 * Reading and writing it stops the whole machine until the other side has
 * answered. That is the point: under time-travel=inf-cpu the clock moves as
 * soon as nothing can run, so a line that sleeps (a console, a socket of the
 * host behind an interrupt) would let virtual time run away while the other
 * side thinks, and would be answered at an instant that depends on the
 * computer.
 *
 * The other end is descriptor 3 of the kernel's process: a connected stream
 * socket.
 */
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include <os.h>

#define TCPSIM_FD 3
#define TCPSIM_MAJOR 240
#define TCPSIM_PIECE 16384

static char piece[TCPSIM_PIECE];

/*
 * Returns what there is, at most len bytes, and waits while there is nothing.
 * The end of the line is the end of the machine: whoever started it has gone.
 */
static ssize_t tcpsim_read(struct file *file, char __user *to, size_t len,
			   loff_t *pos)
{
	int n;

	do {
		n = os_read_file(TCPSIM_FD, piece, min_t(size_t, len, sizeof(piece)));
	} while (n == -EINTR || n == -EAGAIN);
	if (n > 0 && copy_to_user(to, piece, n))
		return -EFAULT;
	return n;
}

static ssize_t tcpsim_write(struct file *file, const char __user *from,
			    size_t len, loff_t *pos)
{
	size_t count = min_t(size_t, len, sizeof(piece));
	int n;

	if (copy_from_user(piece, from, count))
		return -EFAULT;
	do {
		n = os_write_file(TCPSIM_FD, piece, count);
	} while (n == -EINTR || n == -EAGAIN);
	return n;
}

static const struct file_operations tcpsim_ops = {
	.owner = THIS_MODULE,
	.read = tcpsim_read,
	.write = tcpsim_write,
};

/*
 * The number is one of those that are set aside for local use: there is no
 * devtmpfs, so the file of the device lies in the initramfs beside the agent.
 */
static int __init tcpsim_init(void)
{
	return register_chrdev(TCPSIM_MAJOR, "tcpsim", &tcpsim_ops);
}
device_initcall(tcpsim_init);
