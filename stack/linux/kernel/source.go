package kernel

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// unneeded are the directories of whose files only those that describe the
// build are kept: a source unpacks to a quarter of its size.
var unneeded = []string{
	"Documentation/", "LICENSES/", "samples/", "sound/", "rust/",
	"drivers/gpu/", "drivers/media/", "drivers/infiniband/", "drivers/scsi/", "drivers/staging/", "drivers/usb/",
	"drivers/net/ethernet/", "drivers/net/wireless/", "drivers/iio/", "drivers/hwmon/", "drivers/mtd/",
	"drivers/accel/", "drivers/crypto/", "drivers/video/", "drivers/clk/", "drivers/pinctrl/",
	"tools/perf/", "tools/testing/", "fs/xfs/", "fs/btrfs/", "fs/ext4/", "fs/ocfs2/", "fs/smb/", "fs/bcachefs/",
}

// needless reports whether a file of the source is not worth unpacking.
func needless(name string) bool {
	switch path.Ext(name) {
	case ".c", ".h", ".S", ".rst", ".txt", ".dts", ".dtsi", ".yaml", ".json", ".rs", ".svg", ".csv":
	default:
		return false
	}
	for _, dir := range unneeded {
		if strings.HasPrefix(name, dir) {
			return true
		}
	}
	if rest, ok := strings.CutPrefix(name, "arch/"); ok {
		arch, _, _ := strings.Cut(rest, "/")
		return arch != "um" && arch != "x86"
	}
	return false
}

// unpack puts the source into dir, and says where it came from and what version
// it is.
func (b *build) unpack(ctx context.Context, dir string) (from, version string, err error) {
	switch {
	case b.Source == "":
		from, err = b.debian(ctx, dir)
	default:
		var info fs.FileInfo
		if info, err = os.Stat(b.Source); err != nil {
			return "", "", err
		}
		from = filepath.Base(b.Source)
		if info.IsDir() {
			err = copyTree(ctx, b.Source, dir)
		} else {
			err = unpackFile(ctx, b.Source, dir)
		}
	}
	if err != nil {
		return "", "", err
	}
	version, err = sourceVersion(dir)
	if err != nil {
		if b.Source != "" {
			return "", "", fmt.Errorf("%s: %w", b.Source, err)
		}
		return "", "", err
	}
	if b.Version != "" && version != b.Version && series(version) != b.Version {
		return "", "", fmt.Errorf("%s is Linux %s, not %s", from, version, b.Version)
	}
	return from, version, nil
}

var makefileVersion = regexp.MustCompile(`(?m)^VERSION = (\d+)\nPATCHLEVEL = (\d+)\nSUBLEVEL = (\d+)$`)

// sourceVersion reads the version that a source calls itself.
func sourceVersion(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "Makefile"))
	if err != nil {
		return "", errors.New("no source of Linux: it has no Makefile")
	}
	m := makefileVersion.FindSubmatch(text)
	if m == nil {
		return "", errors.New("no source of Linux: its Makefile names no version")
	}
	return fmt.Sprintf("%s.%s.%s", m[1], m[2], m[3]), nil
}

// debian unpacks the source that Debian's and Ubuntu's package linux-source has:
// the one that is installed, or one that apt fetches, for which no privileges
// are needed.
func (b *build) debian(ctx context.Context, dir string) (string, error) {
	s := series(b.Version)
	name := "linux-source-" + s
	installed := "/usr/src/" + name + ".tar.xz"
	if _, err := os.Stat(installed); err == nil {
		return installed, unpackFile(ctx, installed, dir)
	}
	for _, tool := range []string{"apt-get", "dpkg-deb"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", fmt.Errorf("no source of Linux %s: there is no %s and no apt to fetch it; name one with --source DIR or --source TARBALL (kernel.org has them)", b.Version, installed)
		}
	}
	b.progress("fetching "+name, 0, 0)
	packages, err := os.MkdirTemp(b.tmp, "apt-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(packages)
	cmd := command(ctx, "apt-get", "download", name)
	cmd.Dir = packages
	if out, err := cmd.CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("apt has no package %s (apt-get update may help); or name a source with --source DIR or --source TARBALL:\n%s", name, lastLines(string(out), 3))
	}
	debs, err := filepath.Glob(filepath.Join(packages, "*.deb"))
	if err != nil || len(debs) != 1 {
		return "", fmt.Errorf("apt-get download %s left %d files", name, len(debs))
	}
	b.progress("unpacking "+filepath.Base(debs[0]), 0, 0)
	deb := command(ctx, "dpkg-deb", "--fsys-tarfile", debs[0])
	return strings.TrimSuffix(filepath.Base(debs[0]), ".deb"), pipe(deb, nil, func(r io.Reader) error {
		outer := tar.NewReader(r)
		for {
			h, err := outer.Next()
			if err == io.EOF {
				return fmt.Errorf("the package %s has no %s", name, installed)
			}
			if err != nil {
				return err
			}
			if path.Clean("/"+h.Name) != installed {
				continue
			}
			if err := unxz(ctx, outer, func(r io.Reader) error { return untar(ctx, r, dir) }); err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, r) // so that dpkg-deb ends as it should
			return err
		}
	})
}

// unpackFile unpacks a tarball: plain, gzip or xz, by its first bytes.
func unpackFile(ctx context.Context, name, dir string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	magic := make([]byte, 262)
	n, err := io.ReadFull(f, magic)
	if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	into := func(r io.Reader) error { return untar(ctx, r, dir) }
	switch head := string(magic[:n]); {
	case strings.HasPrefix(head, "\xfd7zXZ\x00"):
		err = unxz(ctx, f, into)
	case strings.HasPrefix(head, "\x1f\x8b"):
		var z *gzip.Reader
		if z, err = gzip.NewReader(f); err == nil {
			err = into(z)
		}
	case n == 262 && head[257:] == "ustar":
		err = into(f)
	default:
		return fmt.Errorf("%s: want a directory, or a tarball (.tar, .tar.gz, .tar.xz)", name)
	}
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return err
}

// unxz hands what xz makes of r to use.
func unxz(ctx context.Context, r io.Reader, use func(io.Reader) error) error {
	return pipe(command(ctx, "xz", "-dc"), r, use)
}

// pipe runs a command and hands its output to use, which must read all of it.
func pipe(cmd *exec.Cmd, in io.Reader, use func(io.Reader) error) error {
	var said strings.Builder
	cmd.Stdin, cmd.Stderr = in, &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	useErr := use(out)
	if useErr != nil {
		_ = cmd.Cancel() // it would wait for a reader for ever
	}
	err = cmd.Wait()
	if err != nil && strings.TrimSpace(said.String()) != "" {
		return fmt.Errorf("%s: %s", filepath.Base(cmd.Path), lastLines(said.String(), 2))
	}
	return cmp2(useErr, err)
}

// cmp2 is the first error that is one.
func cmp2(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// untar unpacks a source without its first directory. Only what a source of
// Linux has is taken (directories, files and links), and nothing lands outside
// dir: the names are below it, and no name goes through a link.
func untar(ctx context.Context, r io.Reader, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	t := tar.NewReader(r)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := t.Next()
		if err == io.EOF {
			// What follows the end is padding; xz wants to be rid of it.
			_, err = io.Copy(io.Discard, r)
			return err
		}
		if err != nil {
			return err
		}
		_, name, ok := strings.Cut(path.Clean(h.Name), "/")
		if !ok || name == "" || needless(name) {
			continue
		}
		switch h.Typeflag {
		case tar.TypeDir:
			err = root.MkdirAll(name, 0o777)
		case tar.TypeSymlink:
			if err = root.MkdirAll(path.Dir(name), 0o777); err == nil {
				err = root.Symlink(h.Linkname, name)
			}
		case tar.TypeReg:
			err = putFile(root, name, t, h.FileInfo().Mode())
		}
		if err != nil {
			return err
		}
	}
}

func putFile(root *os.Root, name string, r io.Reader, mode fs.FileMode) error {
	if err := root.MkdirAll(path.Dir(name), 0o777); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666|mode&0o111)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return cmp2(err, f.Close())
}

// copyTree copies a source, without what was built in it, for the build changes
// it.
func copyTree(ctx context.Context, from, to string) error {
	root, err := os.OpenRoot(to)
	if err != nil {
		return err
	}
	defer root.Close()
	return filepath.WalkDir(from, func(file string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, file)
		if err != nil || rel == "." {
			return err
		}
		name := filepath.ToSlash(rel)
		switch {
		case d.Name() == ".git":
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case d.IsDir():
			return root.MkdirAll(name, 0o777)
		case needless(name) || built(name):
			return nil
		case d.Type() == fs.ModeSymlink:
			target, err := os.Readlink(file)
			if err != nil {
				return err
			}
			return root.Symlink(target, name)
		case !d.Type().IsRegular():
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		return putFile(root, name, f, info.Mode())
	})
}

// built reports whether a file is not worth copying because an earlier build
// made it. Make is asked to clear away what else there is of one.
func built(name string) bool {
	switch path.Ext(name) {
	case ".o", ".a", ".ko", ".cmd", ".order":
		return true
	}
	return name == "vmlinux" || name == "linux"
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
