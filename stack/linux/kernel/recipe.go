package kernel

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

//go:embed recipe
var recipe embed.FS

// drivers is where in the source the recipe's files go.
const drivers = "arch/um/drivers"

// parts are the recipe's files by the name that they get in the source, below
// drivers. The agent's source is not among them: what goes in is the program.
var parts = map[string]string{
	"recipe/tcpsim_kern.c": "tcpsim_kern.c",
	"recipe/tcpsim_user.c": "tcpsim_user.c",
	"recipe/initramfs":     "tcpsim_initramfs",
}

const (
	configFile = "recipe/config"
	agentFile  = "recipe/agent.c"
	agentName  = "tcpsim-agent"
)

// agentFlags make a program without a C library, at a fixed address, that
// touches no register but the general ones: see the edit of registers.c.
var agentFlags = []string{
	"-O2", "-std=gnu11", "-Wall", "-ffreestanding", "-mgeneral-regs-only", "-fno-stack-protector",
	"-fno-pie", "-no-pie", "-fcf-protection=none", "-fno-asynchronous-unwind-tables",
	"-nostdlib", "-static", "-Wl,-z,noexecstack,--build-id=none",
}

// An edit changes a line of the source. What is to be replaced must be there,
// or the source is one that the recipe does not know.
type edit struct {
	file     string
	old, new string
	why      string
}

var edits = []edit{
	{
		"arch/um/Kconfig", "config HZ\n\tint\n\tdefault 100\n", "config HZ\n\tint\n\tdefault 250\n",
		"250 as in Debian's and Ubuntu's kernels for PCs: timers are rounded as users see them rounded",
	},
	{
		"arch/um/include/linux/time-internal.h", "#define TIMER_MULTIPLIER 256", "#define TIMER_MULTIPLIER 1",
		"in virtual time each look at the clock moves it by this many nanoseconds, and it shows nothing finer: with 1 an instant is exact",
	},
	{
		"arch/um/kernel/skas/syscall.c", "um_udelay(1);", "um_ndelay(1);",
		"a call that fails takes time in virtual time, so that a program that tries again gets on: this much is enough",
	},
	{
		"arch/um/os-Linux/umid.c", "static int umid_setup = 0;", "static int umid_setup = 1;",
		"no directory ~/.uml for a management console that is not there",
	},
	{
		"arch/um/os-Linux/skas/process.c", "PTRACE_O_TRACESYSGOOD", "(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)",
		"the processes in which the machine's programs run die with the kernel, whatever kills it",
	},
	{
		"arch/x86/um/os-Linux/registers.c", "have_xstate_support = 1;", "have_xstate_support = 0;",
		"the room for a processor's extended state is fixed when the kernel is built, and one with more (AMX) lets no program run; the agent uses none of it",
	},
	{
		"arch/um/drivers/Makefile", "obj-y := stdio_console.o", "obj-y := tcpsim_kern.o tcpsim_user.o stdio_console.o",
		"the line to the program that starts the kernel",
	},
	{
		"arch/um/drivers/Makefile", "USER_OBJS := fd.o", "USER_OBJS := tcpsim_user.o fd.o",
		"compiled against the C library's headers and not the kernel's",
	},
}

// apply changes the source in dir.
func apply(dir string) error {
	for _, e := range edits {
		path := filepath.Join(dir, filepath.FromSlash(e.file))
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("this is no source of Linux that the recipe knows: %w", err)
		}
		if !strings.Contains(string(text), e.old) {
			return fmt.Errorf("this is no source of Linux that the recipe knows: %s has no %q", e.file, strings.TrimSpace(e.old))
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), e.old, e.new)), 0o666); err != nil {
			return err
		}
	}
	for from, to := range parts {
		text, err := recipe.ReadFile(from)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, drivers, to), text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// Key is a digest of everything that decides what a kernel is, besides the
// compiler: the version of its source, the configuration, the recipe. A kernel
// with another key speaks another language than this package's users.
func Key(version string) string {
	h := sha256.New()
	part := func(text string) { fmt.Fprintf(h, "%d:%s", len(text), text) }
	part(version)
	for _, name := range []string{configFile, agentFile, "recipe/initramfs", "recipe/tcpsim_kern.c", "recipe/tcpsim_user.c"} {
		text, err := recipe.ReadFile(name)
		if err != nil {
			panic(err) // the files are part of the program
		}
		part(string(text))
	}
	for _, e := range edits {
		part(e.file)
		part(e.old)
		part(e.new)
	}
	for _, f := range agentFlags {
		part(f)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// wanted are the options that the configuration asks for, with their values.
func wanted() map[string]string {
	text, err := recipe.ReadFile(configFile)
	if err != nil {
		panic(err) // the file is part of the program
	}
	return options(string(text))
}

// options reads the lines NAME=VALUE of a configuration.
func options(text string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && strings.HasPrefix(name, "CONFIG_") {
			m[name] = value
		}
	}
	return m
}

// gone are options that newer kernels no longer have, because what they ask for
// is always so.
var gone = map[string]bool{"CONFIG_BASE_FULL": true}
