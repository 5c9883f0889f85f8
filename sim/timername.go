package sim

import (
	"reflect"
	"runtime"
	"strings"
	"sync"
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
	timerOther     = "timer"
)

// byFunction names a timer by the method of gVisor that it calls.
var byFunction = []struct{ suffix, name string }{
	{"timeWaitTimerExpired-fm", timerTimeWait},
	{"finWait2TimerExpired-fm", timerFinWait2},
	{"synTimeout-fm", timerSynCount},
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
var names sync.Map // [6]uintptr to string

// timerName finds out which of TCP's timers is being created. gVisor does not
// say, but which function it is to call and who creates it tell.
func timerName(f func()) string {
	var key [6]uintptr
	key[0] = reflect.ValueOf(f).Pointer()
	// Skipped: Callers, timerName, AfterFunc.
	n := runtime.Callers(3, key[1:])
	if name, ok := names.Load(key); ok {
		return name.(string)
	}
	name := findTimerName(key[0], key[1:1+n])
	names.Store(key, name)
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
