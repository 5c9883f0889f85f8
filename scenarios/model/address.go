package model

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

// Address is where a step binds or connects to: an IP address, or a host of the
// case, and a port.
type Address struct {
	Host string     // client or server; empty when IP says it, or for any address
	IP   netip.Addr // not valid when Host says it, or for any address
	Port uint16
}

// String writes the address as a file does: server:8080, :8080, 10.0.0.1:80 or
// [fd00::1]:80.
func (a Address) String() string {
	if a.IP.IsValid() {
		return netip.AddrPortFrom(a.IP, a.Port).String()
	}
	return a.Host + ":" + strconv.Itoa(int(a.Port))
}

// ParseAddress reads HOST:PORT, where HOST is client, server, an IP address
// (IPv6 in brackets) or empty.
func ParseAddress(text string) (Address, error) {
	i := strings.LastIndexByte(text, ':')
	if i < 0 {
		return Address{}, errors.New("the port is missing")
	}
	host, port := text[:i], text[i+1:]
	if strings.Trim(port, "0123456789") != "" {
		return Address{}, errors.New("the port must be a number")
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || len(port) > 5 {
		return Address{}, errors.New("the port must be from 0 to 65535")
	}
	a := Address{Port: uint16(number)}
	if host == "" || host == "client" || host == "server" {
		a.Host = host
		return a, nil
	}
	inner, bracketed := strings.CutPrefix(host, "[")
	if bracketed {
		inner, bracketed = strings.CutSuffix(inner, "]")
	}
	ip, err := netip.ParseAddr(inner)
	switch {
	case err != nil:
		return Address{}, errors.New("the host must be client, server or an IP address")
	case ip.Zone() != "":
		return Address{}, errors.New("an address here has no zone")
	case ip.Is6() && !bracketed:
		return Address{}, errors.New("an IPv6 address stands in brackets")
	case ip.Is4() && bracketed:
		return Address{}, errors.New("only an IPv6 address stands in brackets")
	}
	a.IP = ip
	return a, nil
}
