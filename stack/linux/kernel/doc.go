// Package kernel builds kernels of Linux that run as ordinary programs in
// virtual time, and keeps them in a cache.
//
// A kernel is built from a source of Linux (a directory, a tarball, or Debian's
// linux-source package) by the recipe in the directory recipe: a configuration,
// a driver that is the line to the program that starts the kernel, an agent
// that is the only program inside, and a handful of changed lines, each with
// its reason (edits). It is a User-Mode Linux, so it runs on x86-64 Linux only,
// and building and running it need no privileges.
//
// A kernel that is built lies in a directory of the cache that is named after
// its version and its key: a digest of everything that decides what it is. It
// gets there by a rename, so that whatever is there is whole.
//
//	cache, err := kernel.DefaultCache()
//	...
//	k, err := cache.Build(ctx, kernel.Options{Version: "6.12"})
//	...
//	exec.Command(k.Path)
//
// Linux is licensed under version 2 of the GNU General Public License, with the
// system call note. Neither its source nor a kernel is part of this module: the
// recipe is ours, and the driver in it is licensed under either licence, so
// that the kernel as a whole can be.
package kernel
