package kernel

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Options say what to build.
type Options struct {
	// Version is a series (6.12) or a version (6.12.117) that the source must
	// have. "" takes any source, and without a source [DefaultVersion].
	Version string
	// Source is a directory or a tarball; with "" Debian's linux-source package
	// is taken, as installed or by apt.
	Source string
	// Jobs is how many compilers run at a time; 0 means one per processor.
	Jobs int
	// Progress, if any, is told what is done: a stage, and of its steps (about
	// all of them, 0 if that is not known) how many are.
	Progress func(stage string, done, all int)
}

// build is one build under way.
type build struct {
	Options
	tmp string // everything is made below it
}

// objects is about how many files are compiled.
const objects = 610

// A Missing error says what a machine lacks to build a kernel.
type Missing struct {
	Tools   []string // by name
	Install string   // the command that installs them; "" if that is not known
}

func (m *Missing) Error() string {
	text := "not installed, and needed to build a kernel: " + strings.Join(m.Tools, ", ")
	if m.Install != "" {
		text += "\nthis installs it: " + m.Install
	}
	return text
}

// Platform says why kernels cannot be built and run on this machine, or nil.
func Platform() error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return fmt.Errorf("a kernel in virtual time needs x86-64 Linux (User-Mode Linux is there only), and this is %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	return nil
}

// Build builds a kernel, or finds that the cache has it. It takes some minutes
// of every processor. Nothing is left of a build that fails or whose context
// ends.
func (c Cache) Build(ctx context.Context, o Options) (*Kernel, error) {
	if err := Platform(); err != nil {
		return nil, err
	}
	if o.Version != "" {
		if err := CheckVersion(o.Version); err != nil {
			return nil, err
		}
	}
	if o.Source == "" {
		if o.Version == "" {
			o.Version = DefaultVersion
		}
		if k, err := c.Find(o.Version); err == nil {
			return k, nil
		}
	}
	if o.Jobs <= 0 {
		o.Jobs = runtime.GOMAXPROCS(0)
	}
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	if err := Tools(ctx); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Dir, 0o777); err != nil {
		return nil, fmt.Errorf("the cache cannot be written: %w", err)
	}
	unlock, err := c.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	// Under the lock nobody else builds: what looks half built was killed.
	stale, err := filepath.Glob(filepath.Join(c.Dir, halfBuilt+"*"))
	if err != nil {
		return nil, err
	}
	for _, dir := range stale {
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
	}
	tmp, err := os.MkdirTemp(c.Dir, halfBuilt)
	if err != nil {
		return nil, fmt.Errorf("the cache cannot be written: %w", err)
	}
	defer os.RemoveAll(tmp)
	k, err := (&build{o, tmp}).run(ctx, c)
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("interrupted; nothing is left of the build: %w", ctx.Err())
	}
	return k, err
}

func (b *build) progress(stage string, done, all int) { b.Progress(stage, done, all) }

func (b *build) run(ctx context.Context, c Cache) (*Kernel, error) {
	src := filepath.Join(b.tmp, "source")
	if err := os.Mkdir(src, 0o777); err != nil {
		return nil, err
	}
	b.progress("unpacking the source", 0, 0)
	from, version, err := b.unpack(ctx, src)
	if err != nil {
		return nil, err
	}
	k := &Kernel{Version: version, Key: Key(version), Source: from, Current: true}
	home := filepath.Join(c.Dir, version+"-"+k.Key)
	if have, err := c.read(filepath.Base(home)); err == nil {
		return &have, nil
	}
	if err := apply(src); err != nil {
		return nil, err
	}
	if err := b.agent(ctx, src); err != nil {
		return nil, err
	}
	if err := b.configure(ctx, src); err != nil {
		return nil, err
	}
	if err := b.compile(ctx, src); err != nil {
		return nil, err
	}
	// The rename is what makes it a kernel that is built.
	ready := filepath.Join(b.tmp, "ready")
	if err := os.Mkdir(ready, 0o777); err != nil {
		return nil, err
	}
	program := filepath.Join(ready, programName)
	if err := os.Rename(filepath.Join(src, "linux"), program); err != nil {
		return nil, err
	}
	info, err := os.Stat(program)
	if err != nil {
		return nil, err
	}
	k.Size, k.Built = info.Size(), time.Now().UTC().Truncate(time.Second)
	text, err := json.MarshalIndent(k, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(ready, recordName), append(text, '\n'), 0o666); err != nil {
		return nil, err
	}
	if err := os.Rename(ready, home); err != nil {
		return nil, err
	}
	k.Path = filepath.Join(home, programName)
	return k, nil
}

// agent compiles the agent to where the initramfs finds it.
func (b *build) agent(ctx context.Context, src string) error {
	b.progress("compiling the agent", 0, 0)
	text, err := recipe.ReadFile(agentFile)
	if err != nil {
		return err
	}
	file := filepath.Join(b.tmp, "agent.c")
	if err := os.WriteFile(file, text, 0o666); err != nil {
		return err
	}
	args := append(slices.Clone(agentFlags), "-o", filepath.Join(src, drivers, agentName), file)
	return run(ctx, b.tmp, "gcc", args...)
}

func (b *build) configure(ctx context.Context, src string) error {
	b.progress("configuring", 0, 0)
	if b.Source != "" {
		if err := run(ctx, src, "make", "ARCH=um", "mrproper"); err != nil {
			return err
		}
	}
	text, err := recipe.ReadFile(configFile)
	if err != nil {
		return err
	}
	file := filepath.Join(b.tmp, "config")
	if err := os.WriteFile(file, text, 0o666); err != nil {
		return err
	}
	if err := run(ctx, src, "make", "ARCH=um", "KCONFIG_ALLCONFIG="+file, "allnoconfig"); err != nil {
		return err
	}
	// Make drops without a word what cannot be.
	made, err := os.ReadFile(filepath.Join(src, ".config"))
	if err != nil {
		return err
	}
	got := options(string(made))
	var refused []string
	for name, value := range wanted() {
		if got[name] != value && !gone[name] {
			refused = append(refused, name+"="+value)
		}
	}
	if len(refused) > 0 {
		slices.Sort(refused)
		return fmt.Errorf("this source cannot be configured with %s", strings.Join(refused, ", "))
	}
	return nil
}

var compiled = regexp.MustCompile(`^  (CC|AS|HOSTCC) `)

func (b *build) compile(ctx context.Context, src string) error {
	cmd := command(ctx, "make", "ARCH=um", "-j"+strconv.Itoa(b.Jobs), "linux")
	cmd.Dir = src
	read, write := io.Pipe()
	cmd.Stdout, cmd.Stderr = write, write
	said := make(chan []string)
	go func() {
		var last []string
		done := 0
		lines := bufio.NewScanner(read)
		for lines.Scan() {
			if compiled.MatchString(lines.Text()) {
				done++
				b.progress("compiling", min(done, objects), objects)
			}
			if last = append(last, lines.Text()); len(last) > 200 {
				last = last[100:]
			}
		}
		_, _ = io.Copy(io.Discard, read) // a line too long to be read stops nobody
		said <- last
	}()
	err := cmd.Run()
	_ = write.Close()
	last := <-said
	if err != nil {
		return fmt.Errorf("make: %w:\n%s", err, strings.Join(complaints(last), "\n"))
	}
	b.progress("compiling", objects, objects)
	return run(ctx, src, "strip", "linux")
}

// complaints are the lines of a failed make that say why, at most ten.
func complaints(lines []string) []string {
	var found []string
	for _, l := range lines {
		if strings.Contains(l, "rror") || strings.Contains(l, "***") || strings.Contains(l, "No space") {
			found = append(found, l)
		}
	}
	if len(found) == 0 {
		found = lines
	}
	return found[max(0, len(found)-10):]
}

// run runs a command that says something only when it fails.
func run(ctx context.Context, dir, name string, args ...string) error {
	cmd := command(ctx, name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w:\n%s", name, err, strings.Join(complaints(strings.Split(strings.TrimSpace(string(out)), "\n")), "\n"))
	}
	return nil
}

// swayed matches the variables by which an environment would change what is
// built.
var swayed = regexp.MustCompile(`^(ARCH|SUBARCH|CROSS_COMPILE|CC|LD|HOSTCC|O|V|KBUILD_\w+|KCFLAGS|KCPPFLAGS|LLVM|MAKEFLAGS|MAKELEVEL|MFLAGS)=`)

// command is a command that ends with the context, and all that it started with
// it. Its words are English, for they are looked at, and what a kernel says of
// who built it and when is the same for all.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	for _, v := range os.Environ() {
		if !swayed.MatchString(v) {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "LC_ALL=C",
		"KBUILD_BUILD_USER=tcpsim", "KBUILD_BUILD_HOST=tcpsim", "KBUILD_BUILD_TIMESTAMP=1970-01-01 00:00:00Z")
	together(cmd)
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// needed are the programs that a build runs, by the package that has each on
// Debian. Others call most of them the same.
var needed = []struct{ tool, deb string }{
	{"gcc", "gcc"},
	{"ld", "binutils"},
	{"strip", "binutils"},
	{"make", "make"},
	{"bc", "bc"},
	{"flex", "flex"},
	{"bison", "bison"},
	{"xz", "xz-utils"},
}

// installers are the package managers, with what they call things otherwise
// than Debian does.
var installers = []struct {
	tool, command string
	names         map[string]string
}{
	{"apt-get", "sudo apt-get install", nil},
	{"dnf", "sudo dnf install", map[string]string{"xz-utils": "xz", "libc6-dev": "glibc-devel"}},
	{"zypper", "sudo zypper install", map[string]string{"xz-utils": "xz", "libc6-dev": "glibc-devel"}},
	{"pacman", "sudo pacman -S", map[string]string{"xz-utils": "xz", "libc6-dev": "glibc"}},
}

// Tools says what of the programs that a build runs is missing: a *[Missing].
func Tools(ctx context.Context) error {
	var m Missing
	var packages []string
	lack := func(what, deb string) {
		m.Tools = append(m.Tools, what)
		if !slices.Contains(packages, deb) {
			packages = append(packages, deb)
		}
	}
	for _, n := range needed {
		if _, err := exec.LookPath(n.tool); err != nil {
			lack(n.tool, n.deb)
		}
	}
	if _, err := exec.LookPath("gcc"); err == nil {
		cmd := command(ctx, "gcc", "-x", "c", "-E", "-")
		cmd.Stdin = strings.NewReader("#include <stdlib.h>\n#include <linux/timerfd.h>\n")
		if err := cmd.Run(); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			lack("the C library's headers", "libc6-dev")
		}
	}
	if len(m.Tools) == 0 {
		return nil
	}
	for _, i := range installers {
		if _, err := exec.LookPath(i.tool); err != nil {
			continue
		}
		m.Install = i.command
		for _, p := range packages {
			if other, ok := i.names[p]; ok {
				p = other
			}
			m.Install += " " + p
		}
		break
	}
	return &m
}
