package capture

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gopacket/gopacket/layers"
	"github.com/klauspost/compress/zstd"
)

// packet is one packet of a file. data is valid until the next one is read.
type packet struct {
	number int // in the file, from 1
	at     time.Time
	iface  int // tells capture points apart
	index  uint32
	link   layers.LinkType
	toward direction // where the file says so
	data   []byte
	length int // on the wire; data may hold less
}

// source reads packets from a file of either format.
type source struct {
	format     string
	compressed string // with what
	reader     interface {
		// next reads a packet. It returns io.EOF at a proper end.
		next(p *packet) error
		about() *origin
	}

	number int
	last   time.Time
}

// origin is what a file says of itself, and what was not right in it.
type origin struct {
	madeBy  string // the program, where the file says so
	point   string // the name of the first packet's interface
	untimed int    // packets without a time
	lost    int    // records that were damaged or too long
	first   error  // what was wrong with the first of them
}

// lose notes a damaged record.
func (o *origin) lose(format string, args ...any) {
	o.lost++
	if o.first == nil {
		o.first = fmt.Errorf(format, args...)
	}
}

const (
	maxPacket = 262144 // the longest that libpcap ever writes
	// buffered is how much of a file is looked at at once: the longest record
	// and the header of the next, as a length is believed when another record
	// follows.
	buffered = 2 * maxPacket
)

// input is a file from which a reader takes records.
type input struct {
	*bufio.Reader
	// live says that there may be no more yet, and waiting for the next record
	// would hold up this one.
	live bool
}

// ahead gives up to n bytes without taking them, as many as there are.
func (in *input) ahead(n int) []byte {
	if in.live && in.Buffered() < n {
		n = in.Buffered()
	}
	b, _ := in.Peek(min(n, in.Size()))
	return b
}

// canSeek tells a file from a pipe, which is an *os.File too.
func canSeek(r io.Reader) bool {
	s, ok := r.(io.Seeker)
	if ok {
		_, err := s.Seek(0, io.SeekCurrent)
		ok = err == nil
	}
	return ok
}

func open(r io.Reader) (*source, error) {
	s := &source{}
	in := &input{bufio.NewReaderSize(r, buffered), !canSeek(r)}
	magic, _ := in.Peek(4)
	switch {
	case len(magic) >= 2 && magic[0] == 0x1f && magic[1] == 0x8b:
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, cutShort(err)
		}
		s.compressed, in = "gzip", &input{bufio.NewReaderSize(z, buffered), false}
	case len(magic) == 4 && binary.LittleEndian.Uint32(magic) == 0xfd2fb528:
		// No more memory than zstd itself takes without being asked.
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return nil, cutShort(err)
		}
		s.compressed, in = "zstd", &input{bufio.NewReaderSize(z, buffered), false}
	}
	magic, err := in.Peek(4)
	if err != nil {
		if len(magic) == 0 && err == io.EOF {
			return nil, errors.New("empty: want a pcap or pcapng file")
		}
		return nil, cutShort(err)
	}
	if binary.LittleEndian.Uint32(magic) == blockSection {
		s.format = "pcapng"
		ng := &pcapng{in: in}
		s.reader = ng
		return s, ng.begin()
	}
	s.format = "pcap"
	old, err := openClassic(in, magic)
	s.reader = old
	return s, err
}

// next reads a packet. It returns io.EOF at the end of a file without damage.
func (s *source) next(p *packet) error {
	*p = packet{}
	if err := s.reader.next(p); err != nil {
		lost := s.reader.about()
		switch {
		case lost.first == nil:
			return s.after(err)
		case err == io.EOF:
			return fmt.Errorf("%s not read: %w", damaged(lost.lost), lost.first)
		}
		return fmt.Errorf("%w; %s not read: %w", s.after(err), damaged(lost.lost), lost.first)
	}
	s.number++
	p.number = s.number
	if p.at.IsZero() {
		p.at = s.last
	}
	s.last = p.at
	p.length = max(p.length, len(p.data))
	return nil
}

func (s *source) after(err error) error {
	if err == io.EOF {
		return err
	}
	return fmt.Errorf("after packet %d: %w", s.number, err)
}

func damaged(n int) string {
	if n == 1 {
		return "1 damaged record"
	}
	return fmt.Sprintf("%d damaged records", n)
}

var errCutShort = errors.New("the file is cut short")

// cutShort names what an early end of the file means.
func cutShort(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return errCutShort
	}
	return err
}
