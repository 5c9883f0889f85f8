package capture

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// packet is one packet of a file. data is valid until the next one is read.
type packet struct {
	number int // in the file, from 1
	at     time.Time
	iface  int // tells capture points apart
	link   layers.LinkType
	toward direction // where the file says so
	data   []byte
	length int // on the wire; data may hold less
}

// source reads packets from a file of either format.
type source struct {
	format     string
	compressed bool
	madeBy     string // the program, where the file says so
	point      string // the name of the first interface

	number  int
	untimed int
	last    time.Time
	classic *pcapgo.Reader
	ng      *pcapgo.NgReader
	blocks  *blocks
	section int
}

// maxPacket is the longest packet that libpcap ever writes.
const maxPacket = 262144

func open(r io.Reader) (*source, error) {
	s := &source{}
	in := bufio.NewReaderSize(r, 64<<10)
	if magic, _ := in.Peek(2); len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, cutShort(err)
		}
		s.compressed = true
		in = bufio.NewReaderSize(z, 64<<10)
	}
	magic, err := in.Peek(4)
	if err != nil {
		if len(magic) == 0 && err == io.EOF {
			return nil, errors.New("empty: want a pcap or pcapng file")
		}
		return nil, cutShort(err)
	}
	switch binary.LittleEndian.Uint32(magic) {
	case 0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1:
		s.format = "pcap"
		if s.classic, err = pcapgo.NewReader(in); err != nil {
			return nil, cutShort(err)
		}
		// Longer records than that are damage; the header may claim anything.
		s.classic.SetSnaplen(min(s.classic.Snaplen(), maxPacket))
	case blockSection:
		s.format = "pcapng"
		s.blocks = &blocks{in: in}
		if s.ng, err = pcapgo.NewNgReader(s.blocks, pcapgo.NgReaderOptions{
			WantMixedLinkType: true, SkipUnknownVersion: true,
			SectionEndCallback: func([]pcapgo.NgInterface, pcapgo.NgSectionInfo) { s.section++ },
		}); err != nil {
			return nil, s.explain(err)
		}
		s.madeBy = s.ng.SectionInfo().Application
	default:
		return nil, fmt.Errorf("begins with % x: want a pcap or pcapng file", magic)
	}
	return s, nil
}

// explain gives the error of the file where pcapgo wraps it.
func (s *source) explain(err error) error {
	if s.blocks != nil && s.blocks.err != nil && s.blocks.err != io.EOF {
		return s.blocks.err
	}
	return cutShort(err)
}

// next reads a packet. It returns io.EOF at a proper end.
func (s *source) next() (packet, error) {
	var ci gopacket.CaptureInfo
	var data []byte
	var err error
	p := packet{}
	if s.classic != nil {
		data, ci, err = s.classic.ZeroCopyReadPacketData()
		p.link = s.classic.LinkType()
		// pcapgo says io.EOF also where a packet is missing after its header.
		if err == io.EOF && ci.CaptureLength > 0 {
			err = errCutShort
		}
	} else {
		data, ci, err = s.ng.ZeroCopyReadPacketData()
		if err == nil {
			p.iface = s.section<<20 | ci.InterfaceIndex&(1<<20-1)
			p.link = ci.AncillaryData[0].(layers.LinkType)
			if s.number == 0 {
				first, _ := s.ng.Interface(ci.InterfaceIndex)
				s.point = first.Name
			}
		}
	}
	if err == io.EOF && (s.blocks == nil || s.blocks.err == io.EOF) {
		return p, io.EOF
	}
	if err != nil {
		return p, s.explain(err)
	}
	s.number++
	p.number, p.data, p.length = s.number, data, max(ci.Length, len(data))
	if p.at = ci.Timestamp; p.at.IsZero() {
		p.at = s.last
		s.untimed++
	}
	s.last = p.at
	return p, nil
}

// skipped is how many packets of the file were too long to be read.
func (s *source) skipped() int {
	if s.blocks == nil {
		return 0
	}
	return s.blocks.tooLong
}
