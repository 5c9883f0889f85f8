package capture

import (
	"encoding/binary"
	"io"
	"os"
	"testing"
	"time"
)

// A capture that is still being made gives each packet when it is there, and
// does not wait for the next one.
func TestALiveCaptureIsNotHeldUp(t *testing.T) {
	record := func(n int) []byte {
		var b []byte
		for _, v := range []uint32{1, 0, uint32(n), uint32(n)} {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		return append(b, make([]byte, n)...)
	}
	head := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	head = append(head, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0)
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	next := make(chan error)
	go func() {
		s, err := open(in)
		for err == nil {
			var p packet
			err = s.next(&p)
			next <- err
		}
	}()
	out.Write(head)
	for i := range 3 {
		out.Write(record(60))
		select {
		case err := <-next:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("packet %d is held up", i+1)
		}
	}
	out.Close()
	if err := <-next; err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}
