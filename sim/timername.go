package sim

import (
	"reflect"
	"runtime"
	"strings"
	"sync"

	"github.com/tcpsim/tcpsim/sim/cause"
)

// Names of timers, as a trace shows them.
const (
	timerTimeWait  = "2MSL"
	timerFinWait2  = "FIN_WAIT_2"
	timerHandshake = "SYN RTO"
	timerResend    = "RTO"
	timerKeepalive = "keepalive"
	timerCork      = "cork"
	timerReorder   = "RACK reorder"
	timerProbe     = "TLP"
	timerSynCount  = "SYN retries used up"
	timerSynAcks   = "SYN,ACK retries used up"
	timerProbes    = cause.KeepaliveTimer
	timerOther     = "timer"
)

// byFunction names a timer by the method that it calls, of gVisor or of the
// socket layer.
var byFunction = []struct{ suffix, name string }{
	{"timeWaitTimerExpired-fm", timerTimeWait},
	{"finWait2TimerExpired-fm", timerFinWait2},
	{"synTimeout-fm", timerSynCount},
	{"synAckTimeout-fm", timerSynAcks},
	{"keepaliveTimeout-fm", timerProbes},
}

// byCreator names a timer by the method of gVisor that arms it first: most
// call one and the same closure, made by timerHandler.
var byCreator = []struct{ suffix, name string }{
	{".newHandshake", timerHandshake},
	{".resetKeepaliveTimer", timerKeepalive},
	{".maybeSendSegment", timerCork},
	{".schedulePTO", timerProbe},
	{".detectLoss", timerReorder},
	{".DoRecovery", timerReorder},
	{".postXmit", timerResend},
	{".enableZeroWindowProbing", timerResend},
	{".sendZeroWindowProbe", timerResend},
	{".handleRcvdSegment", timerResend},
	{".resendSegment", timerResend},
	{".retransmitTimerExpired", timerResend},
}

// names caches the answer per call stack: a name is a fact of gVisor's source,
// and asking the runtime for it costs more than firing the timer.
var names struct {
	sync.RWMutex
	of map[creation]string
}

// creation is where a timer was made: the function that it calls, and the
// innermost callers of AfterFunc.
type creation struct {
	calls   uintptr
	callers [callers]uintptr
}

// callers is how many callers are looked at: the one that counts is the third
// at most in this version of gVisor, and each more is time.
const callers = 4

// timerName finds out which of TCP's timers is being created. gVisor does not
// say, but which function it is to call and who creates it tell.
func timerName(f func()) string {
	at := creation{calls: reflect.ValueOf(f).Pointer()}
	// Skipped: Callers, timerName, AfterFunc.
	n := runtime.Callers(3, at.callers[:])
	names.RLock()
	name, ok := names.of[at]
	names.RUnlock()
	if ok {
		return name
	}
	name = findTimerName(at.calls, at.callers[:n])
	names.Lock()
	defer names.Unlock()
	if names.of == nil {
		names.of = make(map[creation]string)
	}
	names.of[at] = name
	return name
}

func findTimerName(f uintptr, callers []uintptr) string {
	fn := runtime.FuncForPC(f).Name()
	for _, b := range byFunction {
		if strings.HasSuffix(fn, b.suffix) {
			return b.name
		}
	}
	frames := runtime.CallersFrames(callers)
	for {
		frame, more := frames.Next()
		for _, b := range byCreator {
			if strings.HasSuffix(frame.Function, b.suffix) {
				return b.name
			}
		}
		if !more {
			return timerOther
		}
	}
}
